import { isUtf8 } from 'node:buffer';
import type { Pieces } from './read-content.ts';

/** Some whole lines of a file. */
export interface Lines {
  /** Number of the first line, from 1. */
  readonly first: number;
  /** The lines' bytes, each but perhaps the last with its `\n`. Valid UTF-8 without NUL, so Postgres can hold it. */
  readonly text: Buffer;
  /** Lines that are not text. In `text` stands in their place what `standIn` says. */
  readonly foreign: readonly { readonly position: number; readonly bytes: Buffer }[];
}

const newline = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Cuts the bytes of a file into whole lines and hands them out. A byte order mark at the beginning is left out.
 *
 * @param standIn what stands in the text for a line that is not text: nothing when left out.
 */
export async function takeLines(
  pieces: Pieces,
  take: (lines: Lines) => Promise<void>,
  standIn: (line: Buffer) => Buffer = () => Buffer.alloc(0),
): Promise<void> {
  let first = 1;
  let begun: Buffer[] = [];
  let atStart = true;
  const flush = async (bytes: Buffer): Promise<void> => {
    const body = atStart && bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;
    atStart = false;
    if (body.length > 0) await take(asText(body, first, standIn));
    first += countLines(body);
  };
  for await (const piece of pieces) {
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
function asText(bytes: Buffer, first: number, standIn: (line: Buffer) => Buffer): Lines {
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
    else {
      foreign.push({ position, bytes: line });
      kept.push(standIn(line));
    }
    if (found >= 0) kept.push(bytes.subarray(end, end + 1));
    at = end + 1;
    position += 1;
  }
  return { first, text: Buffer.concat(kept), foreign };
}
