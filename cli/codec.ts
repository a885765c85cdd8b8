import { once } from 'node:events';
import { defineCommand } from 'citty';
import { aesCodec } from '../workers/codec/aes-codec.ts';
import { readPayloadKeys } from '../workers/codec/keys.ts';
import { answer } from './answer.ts';
import { serveCodec } from './codec/serve-codec.ts';
import { takeDemoSettings } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { BEHIND_PROXY, readPort, refuseOpen } from './listening.ts';

/** `weir codec`: shows the Temporal UI what is encrypted, to whoever may reach this port. */
export default defineCommand({
  meta: {
    name: 'codec',
    description:
      'Serve the Temporal UI what encrypts and decrypts payloads, until it is stopped. Example: weir codec --port 8234 --origin http://localhost:8233 Exit codes: 0 stopped, 3 could not run.',
  },
  args: {
    port: { type: 'string', default: '8234', description: 'where it listens; 0 for a free one' },
    host: { type: 'string', default: '127.0.0.1', description: 'the address it listens on' },
    origin: {
      type: 'string',
      description: 'of the Temporal UI; several with commas; default: TEMPORAL_UI_URL',
    },
    'behind-proxy': {
      type: 'boolean',
      description: `${BEHIND_PROXY}: no WEIR_CODEC_TOKEN is needed`,
    },
    json: { type: 'boolean', description: 'print where it listens as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    takeDemoSettings();
    const keys = readPayloadKeys(process.env);
    if (keys === null)
      throw new Failure(
        'there is nothing to decrypt with: set WEIR_PAYLOAD_KEYS or WEIR_PAYLOAD_KEYS_FILE to what the workers have',
      );
    const token = process.env['WEIR_CODEC_TOKEN'] || null;
    refuseOpen(args.host, {
      danger: 'read every payload',
      otherwise: 'set WEIR_CODEC_TOKEN',
      isGuarded: token !== null || args['behind-proxy'] === true,
    });
    const server = await serveCodec({
      codec: aesCodec(keys),
      port: readPort(args.port),
      host: args.host,
      origins: readOrigins(args.origin ?? process.env['TEMPORAL_UI_URL'] ?? 'http://localhost:8233'),
      token,
    });
    const told = { url: server.url, keys: [...keys.all.keys()] };
    answer(args.json, told, () => `codec server at ${server.url}, with the keys ${told.keys.join(', ')}\n`);
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    await once(stop.signal, 'abort');
    await server.close();
    return exitCodes.done;
  }),
});

/** @returns as a browser names them: scheme, host and port. */
function readOrigins(text: string): readonly string[] {
  return text.split(',').map((part) => {
    if (URL.canParse(part.trim()) && /^https?:/.test(part.trim())) return new URL(part.trim()).origin;
    throw new Failure(
      `--origin has ${JSON.stringify(part)}: give the Temporal UI's address, like http://localhost:8233`,
    );
  });
}
