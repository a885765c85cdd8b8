import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ValueError, type Payload, type PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { PayloadKey, PayloadKeys } from './keys.ts';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/** As Temporal's own samples name it, and its UI knows it. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const CIPHER = 'AES-256-GCM';

/** 96 random bits. @see https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf section 8.2 */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts payloads (inputs, results, signals, updates, details, summaries, and failures where they are encoded) with
 * AES-256-GCM: a payload as a whole, its own metadata included, becomes `iv | ciphertext | tag`. The key's id stands in the
 * metadata and is authenticated with the rest, so that nobody can say it was another.
 *
 * What is not encrypted is given as it is: histories from before there was a key go on being read.
 */
export function aesCodec(keys: PayloadKeys): PayloadCodec {
  return {
    encode: async (payloads) => payloads.map((payload) => encrypted(payload, keys.first)),
    decode: async (payloads) => payloads.map((payload) => decrypted(payload, keys)),
  };
}

/** In the place of a codec where no key is set: what is encrypted says what is missing, and is not taken for data. */
export const keylessCodec: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) =>
    payloads.map((payload) => {
      if (textOf(payload, 'encoding') === ENCODING) throw missingKey(textOf(payload, KEY_ID), []);
      return payload;
    }),
};

function encrypted(payload: Payload, { id, key }: PayloadKey): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(authenticated(id));
  const plain = PayloadMessage.encode(PayloadMessage.create(payload)).finish();
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return {
    metadata: { encoding: bytes(ENCODING), [KEY_ID]: bytes(id), 'encryption-cipher': bytes(CIPHER) },
    data: new Uint8Array(data),
  };
}

function decrypted(payload: Payload, { all }: PayloadKeys): Payload {
  if (textOf(payload, 'encoding') !== ENCODING) return payload;
  const id = textOf(payload, KEY_ID);
  const known = all.get(id);
  if (known === undefined) throw missingKey(id, [...all.keys()]);
  const data = Buffer.from(payload.data ?? []);
  if (data.length < IV_BYTES + TAG_BYTES) throw wrongKey(id);
  try {
    const decipher = createDecipheriv('aes-256-gcm', known.key, data.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(authenticated(id));
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    const { metadata, data: own } = PayloadMessage.decode(plain);
    return { metadata, data: own };
  } catch {
    // What OpenSSL says of it helps nobody, and the payload is not to be in a message.
    throw wrongKey(id);
  }
}

/**
 * What the key's id is authenticated with. Neither workflow nor namespace: a payload is carried on by a reset, a
 * continue-as-new and a signal, and the Temporal UI's codec server is not told whose it is.
 */
function authenticated(id: string): Buffer {
  return Buffer.from(`weir payload 1 ${id}`);
}

function missingKey(id: string, known: readonly string[]): ValueError {
  const has = known.length === 0 ? 'has no payload keys' : `has the payload keys ${known.join(', ')}`;
  return new ValueError(
    `A payload is encrypted with the key ${JSON.stringify(id)}, and this process ${has}: add that one to WEIR_PAYLOAD_KEYS ` +
      '(behind the first, which encrypts), here and at every worker, and start again. Temporal tries until then.',
  );
}

function wrongKey(id: string): ValueError {
  return new ValueError(
    `A payload that says it is encrypted with the key ${JSON.stringify(id)} is not: either WEIR_PAYLOAD_KEYS has another key ` +
      'under that id here than where it was written, or the payload was changed. Give every process the same keys.',
  );
}

function textOf({ metadata }: Payload, name: string): string {
  return Buffer.from(metadata?.[name] ?? []).toString('utf8');
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}
