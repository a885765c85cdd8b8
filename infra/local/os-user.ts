import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A user of the operating system. */
export interface OsUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user that Postgres has to run as: null for an ordinary user (Postgres runs as oneself), and `postgres`, created
 * when missing, for root, as Postgres refuses to run as root.
 *
 * @throws Error saying what to do when the user cannot be created.
 */
export function postgresUser(): OsUser | null {
  if (process.getuid?.() !== 0) return null;
  const name = 'postgres';
  const known = lookUp(name);
  if (known !== null) return known;
  try {
    execFileSync(
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name],
      {
        stdio: 'pipe',
      },
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new Error(
      `Postgres refuses to run as root, and the user "${name}" could not be created (${reason}). ` +
        `Run as an ordinary user, create the user "${name}", or set DATABASE_URL to a Postgres 18 or later`,
      { cause: error },
    );
  }
  const created = lookUp(name);
  if (created === null) throw new Error(`the user "${name}" was created but cannot be looked up with id`);
  return created;
}

function lookUp(name: string): OsUser | null {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { name, uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

/** The nearest folder on the way to `path` (itself left out) that other users may not pass, or null. */
export function closedFolder(path: string): string | null {
  let folder = dirname(resolve(path));
  let closed: string | null = null;
  for (;;) {
    if ((statSync(folder).mode & 0o001) === 0) closed = folder;
    const parent = dirname(folder);
    if (parent === folder) return closed;
    folder = parent;
  }
}
