import { createHash } from 'node:crypto';

/** The folder of a Great Expectations project, below the one that `project_root_dir` names. */
export const PROJECT = 'gx';

/** Where the stores are, below the export's folder. */
export const storeFolders = {
  suites: `${PROJECT}/expectations`,
  results: `${PROJECT}/uncommitted/validations`,
} as const;

/** What names a result in the store: its suite, its run, and what was asked. */
export interface ResultKey {
  readonly suite: string;
  readonly run: string;
  readonly at: Date;
  readonly batch: string;
}

/** Characters of a name of a file or folder: Windows and Linux take 255 bytes, and a path has several. */
const LONGEST = 120;

/**
 * A name that every file system takes, the same for the same name and another for another: workflow ids have colons and
 * slashes in them. What had to be changed carries eight digits of its hash.
 *
 * Great Expectations makes folders of a suite's name at its dots, so that no part may be empty or `..`.
 *
 * @see https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
 */
export function safeName(name: string): string {
  const safe = name
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/^[.-]+|[.]+$/g, '')
    .slice(0, LONGEST);
  const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(safe);
  if (safe === name && !reserved && safe !== '') return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${safe.slice(0, LONGEST - 9).replaceAll('.', '-')}-${hash}`.replace(/^-/, '');
}

/** A suite's file, where Great Expectations looks for the suite of that name. */
export function suitePath(suite: string): string {
  return `${storeFolders.suites}/${safeName(suite).split('.').join('/')}.json`;
}

/** A result's file: `<suite>/<run_name>/<run_time>/<batch_id>.json`. */
export function resultPath({ suite, run, at, batch }: ResultKey): string {
  const folders = [...safeName(suite).split('.'), safeName(run), runTime(at)];
  return `${storeFolders.results}/${folders.join('/')}/${safeName(batch)}.json`;
}

/** `20170101T100000.000000Z`, as `RunIdentifier.to_tuple` writes it and its store reads it back. */
export function runTime(at: Date): string {
  const text = at.toISOString().replaceAll(/[-:]/g, '');
  return text.replace(/\.(\d{3})Z$/, '.$1000Z');
}
