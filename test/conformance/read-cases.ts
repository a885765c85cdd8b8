import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { isObject } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';

/** A table of a case. Cells are text that Postgres casts to the column's type, or null. */
export interface CaseTable {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** One case of a conformance file: a suite of one expectation, a table, and what Great Expectations answered. */
export interface Case extends CaseTable {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly schema: string;
  readonly otherTables: readonly CaseTable[];
  /** The suite's file, with every digit that the case has. */
  readonly suiteText: string;
  readonly resultFormat: JsonObject;
  readonly parameters: JsonObject;
  readonly gx: {
    readonly success: boolean | null;
    readonly result: JsonObject;
    readonly error: { readonly phase: string; readonly type: string; readonly message: string } | null;
  };
  readonly tags: ReadonlySet<string>;
}

/** Number text as it stands in the file: a double would lose digits of it. */
class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Reads a file of cases, one JSON object a line, gzipped or not. @throws Error naming the line that cannot be read */
export function readCases(file: string): readonly Case[] {
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes)
    .toString('utf8')
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      try {
        return [readCase(line)];
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`${file}:${index + 1} is no conformance case: ${message}`, { cause: error });
      }
    });
}

function readCase(line: string): Case {
  const plain: Json = JSON.parse(line);
  const exact: unknown = JSON.parse(line, keepDigits);
  if (!isObject(plain) || !isObject(exact)) throw new Error('not an object');
  const gx = objectIn(plain, 'gx');
  const error = isObject(gx['error']) ? gx['error'] : null;
  return {
    ...tableOf(exact),
    id: textIn(plain, 'id'),
    type: textIn(plain, 'expectation_type'),
    title: textIn(plain, 'title', ''),
    schema: textIn(plain, 'schema', 'public'),
    otherTables: listIn(exact, 'other_tables').map(tableOf),
    suiteText: suiteText(exact),
    resultFormat: objectIn(plain, 'result_format'),
    parameters: objectIn(plain, 'suite_parameters'),
    gx: {
      success: typeof gx['success'] === 'boolean' ? gx['success'] : null,
      result: objectIn(gx, 'result'),
      error: error && {
        phase: textIn(error, 'phase'),
        type: textIn(error, 'type'),
        message: textIn(error, 'message'),
      },
    },
    tags: new Set(listIn(plain, 'tags').map(String)),
  };
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? new Digits(context.source) : value;
}

/** JSON of a value whose numbers are {@link Digits}; `{"$float": …}` becomes text, as JSON has no such number. */
function exactJson(value: unknown): string {
  if (value instanceof Digits) return value.text;
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  if (Object.keys(value).length === 1 && '$float' in value) return JSON.stringify(value['$float']);
  const members = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${exactJson(inner)}`);
  return `{${members.join(',')}}`;
}

function suiteText(exact: JsonObject): string {
  const { expectation_type: type = null, kwargs = {}, meta = {}, severity = 'critical' } = exact;
  const siblings = Object.fromEntries(
    ['notes', 'description'].flatMap((key) => (exact[key] === undefined ? [] : [[key, exact[key]]])),
  );
  const expectations = [{ type, kwargs, meta, severity, ...siblings }];
  return exactJson({ name: 's', id: null, meta: {}, notes: null, expectations });
}

function tableOf(json: unknown): CaseTable {
  if (!isObject(json)) throw new Error('a table is no object');
  return {
    table: textIn(json, 'table', textIn(json, 'name')),
    columns: listIn(json, 'columns').map((column) => {
      if (!isObject(column)) throw new Error('a column is no object');
      return { name: textIn(column, 'name'), type: textIn(column, 'type') };
    }),
    rows: listIn(json, 'rows').map((row) => (Array.isArray(row) ? row.map(cellText) : [])),
  };
}

function cellText(cell: unknown): string | null {
  if (cell === null) return null;
  return typeof cell === 'string' ? cell : exactJson(cell);
}

function textIn(json: JsonObject, key: string, otherwise = ''): string {
  const value = json[key];
  return typeof value === 'string' ? value : otherwise;
}

function objectIn(json: JsonObject, key: string): JsonObject {
  const value = json[key];
  return isObject(value) ? value : {};
}

function listIn(json: JsonObject, key: string): readonly unknown[] {
  const value = json[key];
  return Array.isArray(value) ? value : [];
}
