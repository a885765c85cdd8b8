import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import { LineCounter, isScalar, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import { didYouMean } from '../expectations/suggestion.ts';
import type { JsonObject } from '../expectations/json.ts';
import { isPublished } from './model.ts';
import type { Model, ModelProblem, Reference } from './model.ts';
import { unitTestSchema } from './unit-test-schema.ts';
import { offsetInYaml } from './yaml-place.ts';

/** A row of a test as it is written, and the line it begins on. */
export interface TestRow {
  readonly line: number;
  readonly values: JsonObject;
}

/** What a relation holds in a test. `schema` is `delta` for the rows of a window. */
export interface GivenRows {
  readonly schema: string;
  readonly name: string;
  readonly line: number;
  readonly rows: readonly TestRow[];
}

/** One test of a model: rows in, rows out. */
export interface UnitTest {
  readonly name: string;
  /** As people find it: `models/silver/stg_transactions.test.yaml`. */
  readonly file: string;
  readonly line: number;
  /** ISO 8601 with a zone; null: the time it is run. */
  readonly asOf: string | null;
  readonly given: readonly GivenRows[];
  readonly expect: readonly TestRow[];
  /** Names of the columns that its rows say something of; all rows name the same ones. */
  readonly compared: readonly string[];
  /** What the SELECT's columns are, in their order; null where the test does not say. */
  readonly expectColumns: readonly string[] | null;
}

interface Written {
  readonly tests: readonly {
    readonly name: string;
    readonly as_of?: string;
    readonly given: Readonly<Record<string, readonly JsonObject[]>>;
    readonly expect: readonly JsonObject[];
    readonly expect_columns?: readonly string[];
  }[];
}

const validate = new Ajv({ allErrors: true, verbose: true, strict: true }).compile<Written>(unitTestSchema);

type Path = readonly (string | number)[];

interface Place {
  readonly file: string;
  readonly lineOf: (path: Path) => number;
}

/**
 * Reads the tests of a model: YAML, or JSON, which is YAML.
 *
 * @param file as people find it: `models/silver/stg_transactions.test.yaml`.
 * @returns the tests, or everything that is wrong with them, with file and line.
 */
export function parseUnitTests(
  file: string,
  text: string,
  model: Model,
): { readonly tests: readonly UnitTest[] } | { readonly problems: readonly ModelProblem[] } {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const lineAt = (offset: number): number => counter.linePos(offset).line;
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => ({
      file,
      line: lineAt(pos[0]),
      problem: `not YAML: ${(message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}`,
      mend: 'Quote a text that has ": " or begins with a sign of YAML.',
    }));
    return { problems };
  }
  keepDigits(document);
  const place: Place = { file, lineOf: (path) => lineOf(document, lineAt, path) };
  const value: unknown = document.toJS();
  if (!validate(value)) return { problems: (validate.errors ?? []).map((error) => explain(place, error)) };
  const problems = value.tests.flatMap((_, at) => testProblems(place, value, at, model));
  if (problems.length > 0) return { problems };
  return { tests: value.tests.map((_, at) => testOf(place, value, at)) };
}

/** A number that JavaScript would round is handed on as the text it is. */
function keepDigits(document: Document.Parsed): void {
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== 'number' || node.source === undefined) return;
      if (node.source.replaceAll(/\D/g, '').length > 15) node.value = node.source;
    },
  });
}

function lineOf(document: Document.Parsed, lineAt: (offset: number) => number, path: Path): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const found = offsetInYaml(document, path.slice(0, depth));
    if (found !== null) return lineAt(found.at) + found.lines;
  }
  return isScalar(document.contents) ? 1 : lineAt(document.contents?.range[0] ?? 0);
}

function testOf(place: Place, { tests }: Written, at: number): UnitTest {
  const test = tests[at];
  if (test === undefined) throw new Error(`${place.file} has no test ${at}.`);
  const path: Path = ['tests', at];
  return {
    name: test.name,
    file: place.file,
    line: place.lineOf([...path, 'name']),
    asOf: test.as_of ?? null,
    given: Object.entries(test.given).map(([relation, rows]) => {
      const [schema = '', name = ''] = relation.split('.');
      return {
        schema,
        name,
        line: place.lineOf([...path, 'given', relation]),
        rows: rowsOf(place, [...path, 'given', relation], rows),
      };
    }),
    expect: rowsOf(place, [...path, 'expect'], test.expect),
    compared: Object.keys(test.expect[0] ?? {}),
    expectColumns: test.expect_columns ?? null,
  };
}

function rowsOf(place: Place, path: Path, rows: readonly JsonObject[]): readonly TestRow[] {
  return rows.map((values, at) => ({ line: place.lineOf([...path, at]), values }));
}

function testProblems(place: Place, { tests }: Written, at: number, model: Model): readonly ModelProblem[] {
  const { file } = place;
  const test = tests[at];
  if (test === undefined) return [];
  const path: Path = ['tests', at];
  const problems: ModelProblem[] = [];
  if (tests.findIndex(({ name }) => name === test.name) < at) {
    const line = place.lineOf([...path, 'name']);
    problems.push({
      file,
      line,
      problem: `two tests are named ${test.name}`,
      mend: 'Name what each is about.',
    });
  }
  if (test.as_of !== undefined && !/^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:?\d\d))$/.test(test.as_of)) {
    const mend = 'Write ISO 8601 with a zone: 2017-01-31T00:00:00Z.';
    problems.push({ file, line: place.lineOf([...path, 'as_of']), problem: `as_of ${test.as_of}`, mend });
  }
  const readable = relationsOf(model);
  for (const relation of Object.keys(test.given)) {
    if (readable.includes(relation)) continue;
    const mend = didYouMean(relation, readable) || `It reads ${readable.join(', ')}.`;
    const line = place.lineOf([...path, 'given', relation]);
    problems.push({ file, line, problem: `${model.name} does not read ${relation}`, mend });
  }
  return [...problems, ...unequalRows(place, [...path, 'expect'], test.expect)];
}

/** Rows that name different columns would leave open whether a column left out is NULL or of no account. */
function unequalRows(place: Place, path: Path, rows: readonly JsonObject[]): readonly ModelProblem[] {
  const [first = {}] = rows;
  const names = (row: JsonObject): string => Object.keys(row).toSorted().join(', ');
  return rows.flatMap((row, at) =>
    names(row) === names(first)
      ? []
      : [
          {
            file: place.file,
            line: place.lineOf([...path, at]),
            problem: `this row names ${names(row)}, the first one ${names(first)}`,
            mend: 'Expected rows all name the same columns: those that are compared. Write null where there is no value.',
          },
        ],
  );
}

/** What a test of a model may give it: the relations its SQL names, and the whole of a delta's relation. */
function relationsOf(model: Model): readonly string[] {
  if (model.kind === 'source') return [];
  const touched = isPublished(model) && model.shape.kind === 'touched' ? model.shape.queries : [];
  const all: readonly Reference[] = [...model.references, ...touched.flatMap(({ references }) => references)];
  return [
    ...new Set(
      all.filter(({ schema }) => schema !== 'touched').map(({ schema, name }) => `${schema}.${name}`),
    ),
  ];
}

function explain({ file, lineOf }: Place, error: ErrorObject): ModelProblem {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const where = path.length === 0 ? 'the file' : path.join('.');
  const params: Readonly<Record<string, unknown>> = error.params;
  const extra = params['additionalProperty'];
  const mend =
    'A test has name, given, expect, and may have as_of and expect_columns; rows are objects of column: value.';
  if (typeof extra === 'string')
    return {
      file,
      line: lineOf([...path, extra]),
      problem: `${where} has ${extra}, which is not known here`,
      mend,
    };
  return { file, line: lineOf(path), problem: `${where} ${error.message ?? 'is wrong'}`, mend };
}
