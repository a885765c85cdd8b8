import { randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Lies in every folder that Weir made, and says that the next build may take its place. */
const MARK = '.weir-catalogue';

/** A build that was killed leaves its folder behind; no build takes as long. */
const LEFT_BEHIND_MS = 6 * 3_600_000;

/** The folder holds what Weir did not make, or cannot be exchanged: what is wrong and what to do, in one message. */
export class FolderRefused extends Error {
  override readonly name = 'FolderRefused';
}

/**
 * Has a folder written aside and puts it in place of the last one when it is complete: two renames, and between them
 * nothing is read half. What fails leaves the last one as it was.
 *
 * @param folder as an absolute path; where it is a link, what that leads to is exchanged.
 * @throws FolderRefused where it holds files and is not the work of an earlier build.
 */
export async function intoPlace<T>(folder: string, write: (aside: string) => Promise<T>): Promise<T> {
  const place = await realpath(folder).catch(() => folder);
  await refuseOthers(place);
  const beside = path.dirname(place);
  await mkdir(beside, { recursive: true });
  const prefix = `.${path.basename(place)}.weir-`;
  await sweep(beside, prefix);
  // No `mkdtemp`: a folder for its owner alone is none that a web server of another user reads.
  const aside = path.join(beside, `${prefix}${randomUUID()}`);
  await mkdir(aside);
  try {
    const written = await write(aside);
    await writeFile(
      path.join(aside, MARK),
      'Made by `weir docs build`, which may put the next site in its place.\n',
    );
    // Somebody may have put something there meanwhile.
    await refuseOthers(place);
    await exchange(place, aside);
    return written;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function refuseOthers(place: string): Promise<void> {
  const names = await namesIn(place);
  if (names === null || names.length === 0 || names.includes(MARK)) return;
  throw new FolderRefused(
    `${place} holds something that this command did not make, and the site would take its place: name a new or an empty folder.`,
  );
}

/** Null of a folder that is not there. @throws FolderRefused for what is none. */
async function namesIn(place: string): Promise<readonly string[] | null> {
  try {
    return await readdir(place);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    if (codeOf(error) === 'ENOTDIR') throw new FolderRefused(`${place} is a file: name a folder.`);
    throw error;
  }
}

async function exchange(place: string, aside: string): Promise<void> {
  const last = path.join(path.dirname(place), `${path.basename(aside)}-last`);
  const hasLast = await moved(place, last);
  try {
    await rename(aside, place);
  } catch (error) {
    if (hasLast) await rename(last, place);
    throw error;
  }
  if (hasLast) await rm(last, { recursive: true, force: true });
}

/** Whether there was something to move. @throws FolderRefused for a folder that a disk is mounted on. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return false;
    if (code === 'EBUSY' || code === 'EXDEV')
      throw new FolderRefused(
        `${from} cannot be exchanged, since a disk is mounted there: name a folder in it, such as ${path.join(from, 'site')}.`,
      );
    throw error;
  }
}

async function sweep(beside: string, prefix: string): Promise<void> {
  for (const name of await readdir(beside)) {
    if (!name.startsWith(prefix)) continue;
    const left = path.join(beside, name);
    const found = await stat(left).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > LEFT_BEHIND_MS)
      await rm(left, { recursive: true, force: true });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : null;
}
