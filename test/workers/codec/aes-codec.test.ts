import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aesCodec, keylessCodec } from '../../../workers/codec/aes-codec.ts';
import { readDataConverter } from '../../../workers/codec/data-converter.ts';
import { readPayloadKeys, type PayloadKeys } from '../../../workers/codec/keys.ts';

const newKey = (): string => randomBytes(32).toString('base64');
const [A, B] = [newKey(), newKey()];

function keys(text: string): PayloadKeys {
  const read = readPayloadKeys({ WEIR_PAYLOAD_KEYS: text });
  if (read === null) throw new Error('no keys');
  return read;
}

const payloadOf = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
async function there(payload: Payload, ring: PayloadKeys): Promise<Payload> {
  const [encoded] = await aesCodec(ring).encode([payload]);
  if (encoded === undefined) throw new Error('nothing encoded');
  return encoded;
}
const back = async (payload: Payload, ring: PayloadKeys) => (await aesCodec(ring).decode([payload]))[0];

/** A payload's bytes, whatever kind of array they came in. */
const plain = (payload: Payload | undefined) => ({
  data: Buffer.from(payload?.data ?? []).toString('hex'),
  metadata: Object.entries(payload?.metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('hex'),
  ]),
});

describe('the codec', () => {
  it('gives back what was put in, and shows none of it', async () => {
    const ring = keys(`a:${A}`);
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const payload = payloadOf({ secret: 'CANARY', value });
        const encoded = await there(payload, ring);
        expect(inspect(encoded) + Buffer.from(encoded.data ?? []).toString()).not.toContain('CANARY');
        expect(plain(await back(encoded, ring))).toEqual(plain(payload));
      }),
    );
  });

  it('makes another text of the same payload each time', async () => {
    const ring = keys(`a:${A}`);
    const [one, other] = await aesCodec(ring).encode([payloadOf('x'), payloadOf('x')]);
    expect(plain(one).data).not.toBe(plain(other).data);
  });

  it('leaves what is not encrypted as it is', async () => {
    expect(await back(payloadOf('plain'), keys(`a:${A}`))).toEqual(payloadOf('plain'));
    expect(await keylessCodec.decode([payloadOf('plain')])).toEqual([payloadOf('plain')]);
  });

  it('rotates: the first key encrypts, all decrypt', async () => {
    const old = await there(payloadOf('kept'), keys(`a:${A}`));
    const both = keys(`b:${B}, a:${A}`);
    expect(plain(await back(old, both))).toEqual(plain(payloadOf('kept')));
    const next = await there(payloadOf('kept'), both);
    expect(Buffer.from(next.metadata?.['encryption-key-id'] ?? []).toString()).toBe('b');
  });

  it('names the key that is missing, and what to do', async () => {
    const encoded = await there(payloadOf('CANARY'), keys(`a:${A}`));
    await expect(back(encoded, keys(`b:${B}`))).rejects.toThrow(
      /key "a".* has the payload keys b: add that one/,
    );
    await expect(keylessCodec.decode([encoded])).rejects.toThrow(/key "a".* has no payload keys/);
  });

  it('refuses another key under the same id, another id, and any byte that was changed', async () => {
    const ring = keys(`a:${A}`);
    const encoded = await there(payloadOf('x'), ring);
    await expect(back(encoded, keys(`a:${B}`))).rejects.toThrow(/another key under that id/);
    const renamed = { ...encoded, metadata: { ...encoded.metadata, 'encryption-key-id': Buffer.from('c') } };
    await expect(back(renamed, keys(`a:${B},c:${A}`))).rejects.toThrow(/key "c" is not/);
    const bytes = Buffer.from(encoded.data ?? []);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ by;
        await expect(back({ ...encoded, data: changed }, ring)).rejects.toThrow(/was changed/);
      }),
    );
    await expect(back({ ...encoded, data: bytes.subarray(0, 5) }, ring)).rejects.toThrow(/was changed/);
  });
});

describe('the keys', () => {
  it.each([
    ['no id', A, /entry 1 has no id/],
    ['a short key', `a:${A.slice(0, 20)}`, /key of a is not 32 bytes/],
    ['a long key', `a:${A}${A}`, /key of a is not 32 bytes/],
    ['two of one id', `a:${A},a:${B}`, /two keys of the id a/],
    ['nothing but commas', ',,', /no key in it/],
    ['a blank in an id', `a b:${A}`, /entry 1 has no id/],
  ])('refuses %s, and shows no key', (_, text, message) => {
    const read = (): unknown => readPayloadKeys({ WEIR_PAYLOAD_KEYS: text });
    expect(read).toThrow(message);
    try {
      read();
    } catch (error) {
      expect(inspect(error)).not.toContain(A.slice(0, 12));
    }
  });

  it('come from a file too, and are shown by nothing', async () => {
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'weir-keys-')), 'keys');
    await writeFile(file, `# since November\nb:${B}\n\na:${A}\n`);
    const ring = readPayloadKeys({ WEIR_PAYLOAD_KEYS_FILE: file });
    expect([...(ring?.all.keys() ?? [])]).toEqual(['b', 'a']);
    const shown =
      inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify([ring, ...(ring?.all.values() ?? [])]);
    expect(shown).not.toContain(A.slice(0, 12));
    expect(() => readPayloadKeys({ WEIR_PAYLOAD_KEYS_FILE: `${file}.no` })).toThrow(/cannot be read: ENOENT/);
    expect(() => readPayloadKeys({ WEIR_PAYLOAD_KEYS_FILE: file, WEIR_PAYLOAD_KEYS: `a:${A}` })).toThrow(
      /both set/,
    );
    expect(readPayloadKeys({})).toBeNull();
  });

  it('encode failures with them, unless they are to stay readable', () => {
    const WEIR_PAYLOAD_KEYS = `a:${A}`;
    expect(readDataConverter({ WEIR_PAYLOAD_KEYS }).failureConverterPath).toMatch(/failure-converter\.ts$/);
    const plainFailures = readDataConverter({ WEIR_PAYLOAD_KEYS, WEIR_PAYLOAD_FAILURES: 'plain' });
    expect(plainFailures.failureConverterPath).toBeUndefined();
    expect(() => readDataConverter({ WEIR_PAYLOAD_FAILURES: 'yes' })).toThrow(/encrypted or plain/);
  });
});
