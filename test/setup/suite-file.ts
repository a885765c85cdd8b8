import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestWeir } from './weir.ts';

/** One expectation as Great Expectations writes it. */
export interface ExpectationText {
  readonly type: string;
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly severity?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Adds an expectation to a suite of a Weir that has files of its own. @returns its JSON pointer. */
export async function addExpectation(
  weir: TestWeir,
  suite: string,
  expectation: ExpectationText,
): Promise<string> {
  const file = suiteFile(weir, suite);
  const content: { expectations: ExpectationText[] } = JSON.parse(await readFile(file, 'utf8'));
  content.expectations.push(expectation);
  await replaceFile(file, JSON.stringify(content));
  return `/expectations/${content.expectations.length - 1}`;
}

/** Says something in the `meta.weir` of a suite beside what it says there. */
export async function sayOfSuite(
  weir: TestWeir,
  suite: string,
  said: Readonly<Record<string, unknown>>,
): Promise<void> {
  const file = suiteFile(weir, suite);
  const content: { meta: { weir: object } } = JSON.parse(await readFile(file, 'utf8'));
  content.meta.weir = { ...content.meta.weir, ...said };
  await replaceFile(file, JSON.stringify(content));
}

/** Where a suite of a Weir that has files of its own is. */
export function suiteFile({ settings }: TestWeir, suite: string): string {
  return path.join(settings.suitesFolder, `${suite}.json`);
}

/** Writes a file that a worker may be reading just now: it finds the old one or the new one whole. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
