import { createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A key and the name by which payloads say that they are encrypted with it. */
export interface PayloadKey {
  /** Not secret: it stands beside each payload. */
  readonly id: string;
  /** Prints as an object without its bytes. */
  readonly key: KeyObject;
}

/** What keeps payloads from whoever reads Temporal's database. */
export interface PayloadKeys {
  /** Encrypts all that is new. */
  readonly first: PayloadKey;
  /** Decrypt, the first among them; by id. */
  readonly all: ReadonlyMap<string, PayloadKey>;
}

/** AES-256. */
const KEY_BYTES = 32;

const HOW =
  'Write each as ID:KEY, the key 32 random bytes in base64 (`openssl rand -base64 32`); the first one encrypts, all decrypt.';

/**
 * Reads WEIR_PAYLOAD_KEYS (`2026-11:…,2026-05:…`), or the file that WEIR_PAYLOAD_KEYS_FILE names, one a line, `#` for a
 * comment.
 *
 * @returns null where neither is set: payloads are then as they are.
 * @throws Error that says which one is wrong by its id or place. No key is ever in it.
 */
export function readPayloadKeys(env: NodeJS.ProcessEnv): PayloadKeys | null {
  const file = env['WEIR_PAYLOAD_KEYS_FILE'] ?? '';
  const given = env['WEIR_PAYLOAD_KEYS'] ?? '';
  if (file !== '' && given !== '')
    throw new Error('WEIR_PAYLOAD_KEYS and WEIR_PAYLOAD_KEYS_FILE are both set: leave one out.');
  if (file === '' && given === '') return null;
  const where = file === '' ? 'WEIR_PAYLOAD_KEYS' : `WEIR_PAYLOAD_KEYS_FILE ${file}`;
  const entries = (file === '' ? given.split(',') : fileLines(file))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const keys = entries.map((entry, index) => readKey(where, entry, index));
  const all = new Map(keys.map((key) => [key.id, key]));
  const [first] = keys;
  if (first === undefined) throw new Error(`${where} has no key in it. ${HOW}`);
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) !== index);
  if (twice !== undefined)
    throw new Error(`${where} has two keys of the id ${twice.id}: give each an id of its own.`);
  return { first, all };
}

function fileLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !line.trimStart().startsWith('#'));
  } catch (error) {
    const why: unknown = error instanceof Error ? Reflect.get(error, 'code') : '';
    throw new Error(`WEIR_PAYLOAD_KEYS_FILE ${file} cannot be read: ${String(why)}.`, { cause: error });
  }
}

function readKey(where: string, entry: string, index: number): PayloadKey {
  // Never the entry itself: whatever is wrong with it, it may be a key.
  const [, id, text] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63}):(.*)$/s.exec(entry) ?? [];
  if (id === undefined || text === undefined)
    throw new Error(`${where}: entry ${index + 1} has no id of letters, digits, dots and dashes. ${HOW}`);
  const bytes = keyBytes(text.trim());
  if (bytes === null)
    throw new Error(`${where}: the key of ${id} is not ${KEY_BYTES} bytes in base64. ${HOW}`);
  return { id, key: createSecretKey(bytes) };
}

function keyBytes(text: string): Buffer | null {
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === KEY_BYTES ? bytes : null;
}
