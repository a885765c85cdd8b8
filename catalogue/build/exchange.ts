import { execFile } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Ends the name of a site that was taken out of its place and not taken away yet. */
const LAST = '-last';

const run = promisify(execFile);

/**
 * Puts a folder in the place of another, which is gone afterwards. Where the system has `mv --exchange` that is one step:
 * whoever reads finds the one or the other. Elsewhere it is two renames, and the place is empty between them for some
 * microseconds; who is killed just then leaves the last site to {@link putBack}.
 *
 * @param aside beside the place, on the same disk.
 * @throws Error of Node's, its code `EBUSY` or `EXDEV` where a disk is mounted on the place; nothing has changed then.
 */
export async function exchange(place: string, aside: string): Promise<void> {
  const last = `${aside}${LAST}`;
  if (await exchangedAtOnce(place, aside)) return await rm(aside, { recursive: true, force: true });
  const hasLast = exchangedByTwo(place, aside, last);
  if (hasLast) await rm(last, { recursive: true, force: true });
}

/**
 * By GNU coreutils 9.5 and later: Node has no call for it. Others refuse the option, and nothing has changed.
 *
 * @see https://www.gnu.org/software/coreutils/manual/html_node/mv-invocation.html
 */
async function exchangedAtOnce(place: string, aside: string): Promise<boolean> {
  try {
    await run('mv', ['--exchange', '--no-copy', '--no-target-directory', '--', aside, place]);
    return true;
  } catch {
    return false;
  }
}

/** In one turn: with others in between the place is empty ten times as long. @returns whether there was a last one. */
function exchangedByTwo(place: string, aside: string, last: string): boolean {
  const hasLast = moved(place, last);
  try {
    renameSync(aside, place);
  } catch (error) {
    if (hasLast) renameSync(last, place);
    throw error;
  }
  return hasLast;
}

/** Whether there was something to move. */
function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Puts the last site back where a build was killed that had just taken it out of its place.
 *
 * @param names of what lies beside the place and was left by builds.
 */
export async function putBack(place: string, names: readonly string[]): Promise<void> {
  const last = names.find((name) => name.endsWith(LAST));
  if (last === undefined) return;
  if (!existsSync(place)) await rename(path.join(path.dirname(place), last), place);
}
