import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Some whole lines of a file. */
export interface Lines {
  /** Number of the first line, from 1. */
  readonly first: number;
  /** The lines' bytes, each but perhaps the last with its `\n`. Valid UTF-8 without NUL, so Postgres can hold it. */
  readonly text: Buffer;
  /** Lines that are not text. In `text` they are empty. */
  readonly foreign: readonly { readonly position: number; readonly bytes: Buffer }[];
}

const chunkBytes = 1 << 20;
const newline = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads a file, unpacked when its name ends in `.gz`, and hands out its lines about a megabyte at a time. A byte order
 * mark at the beginning is left out.
 *
 * @returns SHA-256 (hex) of the content, unpacked where it was packed.
 * @throws Error when the file was written to meanwhile; zlib's own, with a code `Z_…`, when it is packed and broken.
 */
export async function readLines(path: string, take: (lines: Lines) => Promise<void>): Promise<string> {
  const handle = await open(path);
  try {
    const before = await handle.stat();
    const hash = createHash('sha256');
    await takeLines(unpacked(handle, path), hash, take);
    const after = await handle.stat();
    if (before.size !== after.size || before.mtimeMs !== after.mtimeMs) {
      throw new Error(
        `${path} was written to while it was read. Deliver files as NAME.tmp and rename them when they are whole.`,
      );
    }
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

/** Whether an error says that a packed file is broken, or not packed at all. */
export function isBrokenPack(error: unknown): boolean {
  return error instanceof Error && String(Reflect.get(error, 'code')).startsWith('Z_');
}

function unpacked(handle: FileHandle, path: string): Readable {
  const bytes = handle.createReadStream({ highWaterMark: chunkBytes, autoClose: false });
  if (!path.endsWith('.gz')) return bytes;
  // pipeline() destroys the unpacked side with the error, and the loop that reads it throws it.
  return pipeline(bytes, createGunzip({ chunkSize: chunkBytes }), () => undefined);
}

async function takeLines(
  stream: Readable,
  hash: ReturnType<typeof createHash>,
  take: (lines: Lines) => Promise<void>,
): Promise<void> {
  let first = 1;
  let begun: Buffer[] = [];
  let atStart = true;
  const flush = async (bytes: Buffer): Promise<void> => {
    const body = atStart && bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;
    atStart = false;
    if (body.length > 0) await take(asText(body, first));
    first += countLines(body);
  };
  for await (const piece of stream) {
    if (!Buffer.isBuffer(piece)) throw new TypeError('A file gave text instead of bytes.');
    hash.update(piece);
    const end = piece.lastIndexOf(newline) + 1;
    if (end === 0) {
      begun.push(piece);
      continue;
    }
    await flush(Buffer.concat([...begun, piece.subarray(0, end)]));
    begun = [piece.subarray(end)];
  }
  await flush(Buffer.concat(begun));
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines += 1;
  return lines;
}

function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

/** Takes out what is not text, line by line, where a chunk has any. */
function asText(bytes: Buffer, first: number): Lines {
  if (isText(bytes)) return { first, text: bytes, foreign: [] };
  const kept: Buffer[] = [];
  const foreign: { position: number; bytes: Buffer }[] = [];
  let position = first;
  let at = 0;
  while (at < bytes.length) {
    const found = bytes.indexOf(newline, at);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(at, end);
    if (isText(line)) kept.push(line);
    else foreign.push({ position, bytes: line });
    if (found >= 0) kept.push(bytes.subarray(end, end + 1));
    at = end + 1;
    position += 1;
  }
  return { first, text: Buffer.concat(kept), foreign };
}
