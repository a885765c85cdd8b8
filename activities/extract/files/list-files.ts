import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Dirent } from 'node:fs';

/** A delivered file. */
export interface LandingFile {
  /** Path below the source's folder, with `/`: what `_source` says. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** Whole milliseconds: the clock of file systems is finer than that of a Date. */
  readonly modifiedAt: Date;
  /** Something was done to it after its last byte was written: renamed, say, as those are who deliver a whole file. */
  readonly finished: boolean;
}

/** A file that an extract has left where it is, and why: the next one looks again. */
export interface LeftFile {
  readonly file: string;
  readonly reason: string;
}

/** What a source's folder has. */
export interface Delivered {
  readonly files: readonly LandingFile[];
  readonly left: readonly LeftFile[];
}

const isLink = 'a symbolic link, which may lead out of the folder: deliver the file itself';
const notUtf8 = 'its name is not UTF-8: rename it';

/**
 * Lists delivered files by name, folders below included. Names that begin with `.` or end in `.tmp` are left alone:
 * deliver a file under such a name and rename it when it is whole, because a rename is seen at once or not at all.
 *
 * Symbolic links and names that are not UTF-8 are named in `left`.
 *
 * @returns nothing where the folder does not exist yet: nothing was delivered.
 */
export async function listFiles(folder: string): Promise<Delivered> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(noneIfMissing);
  const named = entries
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name), name: nameIn(folder, entry) }))
    .filter(({ name }) => !name.endsWith('.tmp') && !name.split('/').some((part) => part.startsWith('.')))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const looked = await Promise.all(
    named
      .filter(({ entry }) => !entry.isDirectory())
      .map(async ({ entry, path, name }): Promise<LandingFile | LeftFile | null> => {
        if (name.includes('\uFFFD')) return { file: name, reason: notUtf8 };
        if (entry.isSymbolicLink()) return { file: name, reason: isLink };
        return entry.isFile() ? await lookAt(path, name) : null;
      }),
  );
  return {
    files: looked.filter((one) => one !== null && 'path' in one),
    left: looked.filter((one) => one !== null && 'reason' in one),
  };
}

/** A file as it is now; null when it went away. */
export async function lookAt(path: string, name: string): Promise<LandingFile | null> {
  const found = await stat(path, { bigint: true }).catch(nullIfMissing);
  if (found === null) return null;
  return {
    name,
    path,
    size: Number(found.size),
    modifiedAt: new Date(Number(found.mtimeNs / 1_000_000n)),
    finished: found.ctimeNs !== found.mtimeNs,
  };
}

function nameIn(folder: string, { parentPath, name }: Dirent): string {
  return join(parentPath, name)
    .slice(folder.length)
    .replace(/^[/\\]+/, '')
    .split(sep)
    .join('/');
}

function noneIfMissing(error: unknown): never[] {
  nullIfMissing(error);
  return [];
}

function nullIfMissing(error: unknown): null {
  if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return null;
  throw error;
}
