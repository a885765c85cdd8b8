import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { namePattern } from '../../models/header-schema.ts';
import { answer } from '../answer.ts';
import { exitCodes, Failure, type ExitCode } from '../exit-codes.ts';

/** A file that is to be written. */
export interface NewFile {
  readonly file: string;
  readonly text: string;
}

/** The repository that this command is of. */
export const PROJECT = path.resolve(import.meta.dirname, '..', '..');

/**
 * Writes new files, all of them or none, and says what to do next.
 *
 * @param next one step each.
 * @throws Failure (3) where one of them is there already: nothing is written over.
 */
export function writeNew(
  files: readonly NewFile[],
  next: readonly string[],
  asJson: boolean | undefined,
): ExitCode {
  const there = files.filter(({ file }) => existsSync(file)).map(({ file }) => shown(file));
  if (there.length > 0)
    throw new Failure(
      `${there.join(' and ')} is there already, and nothing was written: choose another name`,
    );
  for (const { file, text } of files) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  }
  const written = files.map(({ file }) => shown(file));
  answer(asJson, { written, next }, () =>
    [...written.map((file) => `wrote ${file}`), '', 'next:', ...next.map((one) => `  ${one}`), ''].join('\n'),
  );
  return exitCodes.done;
}

/** As somebody in this folder, or in the repository's, would name it. */
function shown(file: string): string {
  const ways = [process.cwd(), PROJECT].map((folder) => path.relative(folder, file));
  return ways.find((way) => !way.startsWith('..')) ?? file;
}

/** @throws Failure (3) for what is no name of a model, source or suite. */
export function checkName(name: string): void {
  if (new RegExp(namePattern).test(name)) return;
  throw new Failure(`${name} is no name: small letters, digits and underscores, a letter first, 63 at most`);
}

/** Words separated by commas; those in brackets separate nothing: `amount:numeric(12,2)`. */
export function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(/,(?![^(]*\))/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
