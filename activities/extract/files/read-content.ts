import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Bytes of a file, unpacked, in order. */
export type Pieces = AsyncIterable<Buffer>;

const chunkBytes = 1 << 20;

/** Thrown where a file was written to while it was read: what was read of it must not stand. */
export class StillWritten extends Error {
  override readonly name = 'StillWritten';
}

/**
 * Reads a file, unpacked when its name ends in `.gz`, and hands its bytes out about a megabyte at a time.
 *
 * @param take must read the pieces to their end.
 * @returns SHA-256 (hex) of the content, unpacked where it was packed.
 * @throws StillWritten when the file was written to meanwhile; zlib's own, with a code `Z_…`, when it is packed and broken.
 */
export async function readContent(path: string, take: (pieces: Pieces) => Promise<void>): Promise<string> {
  const handle = await open(path);
  try {
    const before = await handle.stat({ bigint: true });
    const hash = createHash('sha256');
    await take(hashed(unpacked(handle, path), hash));
    const after = await handle.stat({ bigint: true });
    if (before.size !== after.size || before.mtimeNs !== after.mtimeNs) {
      throw new StillWritten(
        `${path} was written to while it was read. Deliver files as NAME.tmp and rename them when they are whole.`,
      );
    }
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

/** The hash of a file's content alone. */
export async function hashContent(path: string): Promise<string> {
  return readContent(path, async (pieces) => {
    for await (const _ of pieces);
  });
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

async function* hashed(stream: Readable, hash: Hash): Pieces {
  for await (const piece of stream) {
    if (!Buffer.isBuffer(piece)) throw new TypeError('A file gave text instead of bytes.');
    hash.update(piece);
    yield piece;
  }
}
