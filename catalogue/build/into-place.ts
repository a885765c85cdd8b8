import { randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exchange, putBack } from './exchange.ts';

/** Lies in every folder that Weir made, and says that the next build may take its place. */
const MARK = '.weir-catalogue';

/** A build that was killed leaves its folder behind; no build takes as long. */
const LEFT_BEHIND_MS = 6 * 3_600_000;

/** The folder holds what Weir did not make, or cannot be exchanged: what is wrong and what to do, in one message. */
export class FolderRefused extends Error {
  override readonly name = 'FolderRefused';
}

/**
 * Has a folder written aside and puts it in place of the last one when it is complete: nothing is read half. What fails,
 * or is killed, leaves the last one as it was.
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
  const left = (await readdir(beside)).filter((name) => name.startsWith(prefix));
  await putBack(place, left);
  await sweep(beside, left);
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
    await exchangeOrRefuse(place, aside);
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

/** @throws FolderRefused for a folder that a disk is mounted on. */
async function exchangeOrRefuse(place: string, aside: string): Promise<void> {
  try {
    await exchange(place, aside);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EBUSY' || code === 'EXDEV')
      throw new FolderRefused(
        `${place} cannot be exchanged, since a disk is mounted there: name a folder in it, such as ${path.join(place, 'site')}.`,
      );
    throw error;
  }
}

async function sweep(beside: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const left = path.join(beside, name);
    const found = await stat(left).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > LEFT_BEHIND_MS)
      await rm(left, { recursive: true, force: true });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : null;
}
