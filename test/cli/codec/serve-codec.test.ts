import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterEach, describe, expect, it } from 'vitest';
import { payloadsToJson } from '../../../cli/codec/payload-json.ts';
import { serveCodec, type CodecServer, type CodecServerOptions } from '../../../cli/codec/serve-codec.ts';
import { aesCodec } from '../../../workers/codec/aes-codec.ts';
import { readPayloadKeys } from '../../../workers/codec/keys.ts';
import { say } from '../say.ts';

const UI = 'http://localhost:8233';
const KEYS = `a:${randomBytes(32).toString('base64')}`;
const codec = codecOf(KEYS);
const body = JSON.stringify(
  payloadsToJson([defaultPayloadConverter.toPayload({ held: 'stg_transactions' })]),
);

let server: CodecServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

function codecOf(text: string) {
  const keys = readPayloadKeys({ WEIR_PAYLOAD_KEYS: text });
  if (keys === null) throw new Error('no keys');
  return aesCodec(keys);
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** As a browser or a shell asks; `fetch` would set headers of its own. */
async function ask(
  path: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Promise<Answer> {
  const { url } = server ?? { url: '' };
  return await new Promise((resolve, reject) => {
    const asked = request(
      url + path,
      { method, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

async function begin(more: Partial<CodecServerOptions> = {}): Promise<void> {
  server = await serveCodec({ codec, port: 0, host: '127.0.0.1', origins: [UI], token: null, ...more });
}

describe('a codec server', () => {
  it('encrypts and decrypts for the Temporal UI', async () => {
    await begin();
    const encoded = await ask('/encode', body, { origin: UI, 'x-namespace': 'default' });
    expect([encoded.status, encoded.text.includes('stg_transactions')]).toEqual([200, false]);
    expect(encoded.headers['access-control-allow-origin']).toBe(UI);
    const decoded = await ask('/decode', encoded.text, { origin: UI });
    expect([decoded.status, JSON.parse(decoded.text)]).toEqual([200, JSON.parse(body)]);
  });

  it('answers no page of another origin, not even whether it may ask', async () => {
    await begin();
    for (const origin of ['http://evil.example', 'http://localhost:8234', 'null']) {
      const refused = await ask('/decode', body, { origin });
      expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([403, undefined]);
      expect(
        (await ask('/decode', '', { origin }, 'OPTIONS')).headers['access-control-allow-origin'],
      ).toBeUndefined();
    }
    const asked = await ask('/decode', '', { origin: UI }, 'OPTIONS');
    expect([asked.status, asked.headers['access-control-allow-headers']]).toEqual([
      204,
      'content-type, x-namespace, authorization',
    ]);
  });

  it('asks for the token where there is one', async () => {
    await begin({ token: 'sesame' });
    expect((await ask('/decode', body)).status).toBe(401);
    expect((await ask('/decode', body, { authorization: 'Bearer sesame!' })).status).toBe(401);
    expect((await ask('/decode', body, { authorization: 'Bearer sesame' })).status).toBe(200);
  });

  it.each([
    ['no JSON', 'x'],
    ['no payloads', '{}'],
    ['payloads that are none', '{"payloads":[1]}'],
    ['metadata that is none', '{"payloads":[{"metadata":{"encoding":7}}]}'],
    ['too much', `{"payloads":[{"data":"${'A'.repeat(33_000_000)}"}]}`],
  ])('refuses %s with what it wants', async (_, text) => {
    await begin();
    const refused = await ask('/decode', text);
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('Send {')]);
  });

  it('refuses other types, paths and methods', async () => {
    await begin();
    expect((await ask('/decode', body, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await ask('/keys', body)).status).toBe(404);
    expect((await ask('/decode', '', {}, 'GET')).status).toBe(404);
  });

  it('names the key that is missing', async () => {
    await begin();
    const encoded = await ask('/encode', body);
    await server?.close();
    await begin({ codec: codecOf(KEYS.replace('a:', 'b:')) });
    const refused = await ask('/decode', encoded.text);
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('key \\"a\\"')]);
  });
});

describe('weir codec', { timeout: 60_000 }, () => {
  it('needs keys', async () => {
    expect(await say(['codec'], { WEIR_PAYLOAD_KEYS: '' })).toMatchObject({
      code: 3,
      err: expect.stringContaining('nothing to decrypt with'),
    });
  });

  it('listens beyond this machine only where somebody asks who it is', async () => {
    const refused = await say(['codec', '--host', '0.0.0.0'], {
      WEIR_PAYLOAD_KEYS: KEYS,
      WEIR_CODEC_TOKEN: '',
    });
    expect(refused).toMatchObject({ code: 3, err: expect.stringContaining('WEIR_CODEC_TOKEN') });
    expect(refused.err).not.toContain(KEYS.slice(2, 20));
  });

  it('says what is wrong with its words', async () => {
    expect((await say(['codec', '--port', 'x'], { WEIR_PAYLOAD_KEYS: KEYS })).err).toContain('--port is "x"');
    expect((await say(['codec', '--origin', 'ui'], { WEIR_PAYLOAD_KEYS: KEYS })).err).toContain(
      '--origin has "ui"',
    );
  });
});
