import { ModelRefused } from '../../models/model.ts';
import type { Model } from '../../models/model.ts';
import { parseModel } from '../../models/parse.ts';

/** The five keys that every header has, on lines 2 to 6 of the file. */
const described = (kind: string): string =>
  `kind: ${kind}\nschedule: hourly\nowner: o\ndescription: d\ngrain: g`;

/** A model's file. `more` begins on line 7; with one line of it the SELECT begins on line 9. */
export function modelText(kind: string, more: string, select = ''): string {
  return `/*\n${described(kind)}\n${more}\n*/\n${select}`;
}

/** A source of JSON lines with these columns, `name: type`. */
export function sourceText(columns: Readonly<Record<string, string>>): string {
  const list = Object.entries(columns).map(([name, type]) => `${name}: {type: "${type}", description: d}`);
  return modelText(
    'source',
    `reader: json_lines\nsettings: {folder: things, record: [id]}\ncolumns: {${list.join(', ')}}`,
  );
}

/** Header lines of a published model that says nothing special: key `id`, no gate. */
export const ungated = 'unique_key: [id]\ngate: none\ngate_reason: a test';

/** The columns by which publish tells which version is later. */
export const version = '_source, _revision, _load, _position';

/** Models of `[file, text]`, parsed. */
export function parseAll(files: readonly (readonly [string, string])[]): Promise<readonly Model[]> {
  return Promise.all(files.map(([file, text]) => parseModel(file, text)));
}

/** What is refused, one line a problem: `file:line: problem. mend`. */
export async function refusalOf(work: () => unknown): Promise<readonly string[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ModelRefused) return error.message.split('\n');
    throw error;
  }
  return [];
}
