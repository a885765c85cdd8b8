import { once } from 'node:events';
import { defineCommand } from 'citty';
import { aesCodec } from '../workers/codec/aes-codec.ts';
import { readPayloadKeys } from '../workers/codec/keys.ts';
import { answer } from './answer.ts';
import { serveCodec } from './codec/serve-codec.ts';
import { takeDemoSettings } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';

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
      description: 'a proxy before it asks who somebody is: no WEIR_CODEC_TOKEN is needed',
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
    if (!isOfThisMachine(args.host) && token === null && args['behind-proxy'] !== true)
      throw new Failure(
        `on ${args.host} everybody who reaches it could read every payload: set WEIR_CODEC_TOKEN, or say --behind-proxy where one asks who they are`,
      );
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

function isOfThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Failure(`--port is ${JSON.stringify(text)}: give a port from 1 to 65535, or 0 for a free one`);
}

/** @returns as a browser names them: scheme, host and port. */
function readOrigins(text: string): readonly string[] {
  return text.split(',').map((part) => {
    if (URL.canParse(part.trim()) && /^https?:/.test(part.trim())) return new URL(part.trim()).origin;
    throw new Failure(
      `--origin has ${JSON.stringify(part)}: give the Temporal UI's address, like http://localhost:8233`,
    );
  });
}
