import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { describe, expect, test } from 'vitest';
import { compileFailing, compileSamples, isAskable, planSuite } from '../../expectations/compile.ts';
import type { Batch } from '../../expectations/compile.ts';
import { isList, isObject } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { compileMeasures, readMeasure } from '../../expectations/measuring.ts';
import { expectationTypes } from '../../expectations/registry.gen.ts';
import { readResultFormat } from '../../expectations/result-format.ts';
import type { CatalogueColumn, Category, Sql } from '../../expectations/scan.ts';
import { parseSuite, SuiteRefused } from '../../expectations/suite.ts';
import type { Suite } from '../../expectations/suite.ts';
import { suiteText } from './suite-text.ts';

const compiler = new Kysely<object>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** Every planted text has it, and nothing else does. */
const MARK = 'zqxj';
const marker = fc
  .constantFrom(
    `';select 1;--`,
    `"`,
    `"";drop table x;--`,
    `'`,
    `$1`,
    `$$`,
    `\\'`,
    `*/ x /*`,
    ')',
    `\u{0}`,
    '{batch}',
    '%',
    '',
  )
  .map((end) => `${MARK}${end}`);

/** Where the mark stands in SQL other than inside a whole quoted name that `known` has: there text of a suite leaks. */
function leaks(text: string, known: ReadonlySet<string>): readonly string[] {
  const found: string[] = [];
  const rest = text.replace(/"((?:[^"]|"")*)"/g, (quoted, inside: string) => {
    if (quoted.includes(MARK) && !known.has(inside.replaceAll('""', '"'))) found.push(quoted);
    return '""';
  });
  return rest.includes(MARK) ? [...found, rest] : found;
}

describe('what counts as a leak', () => {
  test.each([
    [`select ${MARK}`, 1],
    [`select '${MARK}'`, 1],
    [`select "${MARK}"`, 1],
    [`select "known ${MARK}" || ${MARK}`, 1],
    [`select "known ${MARK}", $1`, 0],
    [`select "a"" ${MARK}"`, 1],
  ])('%s', (text, count) => {
    expect(leaks(text, new Set([`known ${MARK}`]))).toHaveLength(count);
  });
});

/** Types whose whole point is SQL that the suite brings; test/expectations/custom-sql.test.ts reads those. */
const BRINGS_SQL = new Set(['unexpected_rows_query', 'base_query', 'comparison_query']);
/** Names of another relation and its column: quoted whole, and looked up by Postgres on the login that may only read. */
const NAMES_ELSEWHERE = new Set(['other_table_name', 'other_table', 'other_column']);

interface Planted {
  readonly value: Json;
  /** Texts that stand where something of another relation is named. */
  readonly elsewhere: readonly string[];
}

/** The value with some of its texts replaced: `pick` says for each text which one stands there instead. */
function plant(value: Json, pick: (text: string) => string, key = ''): Planted {
  if (typeof value === 'string') {
    if (BRINGS_SQL.has(key)) return { value, elsewhere: [] };
    const planted = pick(value);
    return { value: planted, elsewhere: NAMES_ELSEWHERE.has(key) ? [planted, ...planted.split('.')] : [] };
  }
  if (isList(value)) {
    const items = value.map((item) => plant(item, pick, key));
    return { value: items.map((item) => item.value), elsewhere: items.flatMap((item) => item.elsewhere) };
  }
  if (!isObject(value)) return { value, elsewhere: [] };
  const entries = Object.entries(value).map(([name, inner]) => [name, plant(inner, pick, name)] as const);
  return {
    value: Object.fromEntries(entries.map(([name, inner]) => [name, inner.value])),
    elsewhere: entries.flatMap(([, inner]) => inner.elsewhere),
  };
}

const CATEGORIES: Readonly<Record<string, Category>> = {
  integer: 'whole',
  bigint: 'whole',
  numeric: 'number',
  'double precision': 'number',
  text: 'text',
  date: 'time',
  timestamp: 'time',
  timestamptz: 'time',
  boolean: 'boolean',
  uuid: 'uuid',
};
const categoryOf = (type: string): Category => CATEGORIES[type.replace(/\(.*\)$/, '')] ?? 'other';

/** Row conditions, in every form, about a column. */
const conditions = (column: string, value: string): readonly Json[] => [
  null,
  `col("${column}") == "${value}"`,
  `col("${column}").notnull()`,
  { type: 'comparison', column: { name: column }, operator: '==', parameter: value },
  { type: 'comparison', column: { name: column }, operator: 'IN', parameter: [value, 'x'] },
  { type: 'and', conditions: [{ type: 'nullity', column: { name: column }, is_null: false }] },
];

const examples = Object.entries(expectationTypes).flatMap(([type, kind]) =>
  kind.examples.map((example) => ({ type, kind, example })),
);

interface Trial {
  readonly suite: Suite;
  readonly batch: Batch;
  readonly values: JsonObject;
  readonly known: ReadonlySet<string>;
  /** What a failure shows. */
  readonly [fc.toStringMethod]: () => string;
}

const trial = fc
  .record({
    of: fc.constantFrom(...examples),
    text: marker,
    // Whether the catalogue has the column that is named so: then its name may stand in the SQL, quoted.
    exists: fc.boolean(),
    chance: fc.infiniteStream(fc.boolean()),
    condition: fc.nat({ max: 5 }),
    parameter: fc.option(fc.nat({ max: 8 })),
    inOwn: fc.boolean(),
  })
  .map(({ of: { type, kind, example }, text, exists, chance, condition, parameter, inOwn }): Trial | null => {
    const pick = (old: string): string => (chance.next().value === true ? text : old);
    const planted = plant(example.kwargs, pick);
    const kwargs: Record<string, Json> = isObject(planted.value) ? { ...planted.value } : {};
    const [name] = Object.keys(kwargs).slice(parameter ?? Number.POSITIVE_INFINITY);
    const moved = name === undefined ? null : (kwargs[name] ?? null);
    const given: JsonObject = name === undefined ? {} : { p: moved };
    if (name !== undefined)
      kwargs[name] = inOwn ? { $PARAMETER: 'p', '$PARAMETER.p': moved } : { $PARAMETER: 'p' };
    const rows = conditions(text, text)[condition] ?? null;
    if ('row_condition' in kind.properties && rows !== null)
      Object.assign(kwargs, { row_condition: rows, condition_parser: 'great_expectations' });
    const columns: CatalogueColumn[] = Object.entries(example.columns).map(([column, columnType]) => ({
      name: column,
      type: columnType,
      category: categoryOf(columnType),
    }));
    const [first] = columns;
    if (exists) columns.push({ ...(first ?? { type: 'text', category: 'text' }), name: text });
    const known = new Set([...(exists ? [text] : []), ...planted.elsewhere]);
    const meta = { note: text, weir: { order_by: [text] } };
    const body = { type, kwargs, meta, notes: text, description: text, id: text };
    try {
      const suite = parseSuite(text, suiteText([body], { name: text, meta: { owner: text } }));
      const batch: Batch = {
        relation: ['delta', 'raw'],
        collapse: null,
        columns: new Map(columns.map((column) => [column.name, column])),
        key: exists ? [text] : [],
        context: {
          published: {
            relation: ['silver', 'published'],
            columns,
            indexed: new Set(columns.map((column) => column.name)),
            identity: { kind: 'place' },
            isCandidate: true,
          },
          past: new Map(),
          physical: true,
        },
      };
      const values = inOwn ? {} : given;
      const told = (): string => `${suite.text} with ${JSON.stringify(values)}`;
      return { suite, batch, values, known, [fc.toStringMethod]: told };
    } catch (error) {
      // What is refused as a whole reaches no SQL at all.
      if (error instanceof SuiteRefused) return null;
      throw error;
    }
  });

const complete = readResultFormat('COMPLETE');

function statementsOf({ suite, batch, values }: Trial): readonly Sql[] {
  const entries = planSuite(suite, batch, { values, asOf: '2017-01-01T00:00:00Z', format: complete }).filter(
    isAskable,
  );
  const samples = compileSamples(entries, batch);
  return [
    ...compileMeasures(entries, batch).map((statement) => statement.sql),
    ...(samples === null ? [] : [samples.sql]),
    ...entries.flatMap((entry) => compileFailing(entry, batch) ?? []),
    ...entries.flatMap(({ provable }) =>
      Object.values(provable?.measures ?? {}).map((one) => readMeasure(one).sql),
    ),
  ];
}

describe('a text of a suite, wherever it stands', () => {
  test('reaches SQL as a bound value, or as a quoted name that the catalogue has', () => {
    let [compiled, bound, named] = [0, 0, 0];
    fc.assert(
      fc.property(trial, (one) => {
        if (one === null) return;
        for (const statement of statementsOf(one)) {
          const { sql, parameters } = statement.compile(compiler);
          expect(leaks(sql, one.known)).toEqual([]);
          compiled += 1;
          if (JSON.stringify(parameters).includes(MARK)) bound += 1;
          if (sql.includes(MARK)) named += 1;
        }
      }),
      { numRuns: 3000 },
    );
    // Of nothing nothing can leak: the marks do arrive, both ways.
    expect({ compiled: compiled > 1000, bound: bound > 100, named: named > 100 }).toEqual({
      compiled: true,
      bound: true,
      named: true,
    });
  }, 60_000); // Three thousand suites take their time on a busy machine.
});

describe('the code of expectations/', () => {
  const root = path.resolve(import.meta.dirname, '..', '..');
  const files = globSync('expectations/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.gen.ts'));
  const tricks =
    /\bsql\.(?:raw|lit)\b|\bsql\s*\[|\bsql\(|=\s*sql\s*[;,)]|\{[^}]*\}\s*=\s*sql\b|TemplateStringsArray|RawNode/;

  test('makes SQL of templates alone, but for the reader of SQL that a suite brings', () => {
    expect(files.length).toBeGreaterThan(100);
    const offending = files.filter((file) => tricks.test(readFileSync(path.join(root, file), 'utf8')));
    expect(offending).toEqual([path.join('expectations', 'custom-sql.ts')]);
  });

  test.each(['sql.raw(text)', "sql['raw'](text)", 'const { raw } = sql;', 'const s = sql;', 'sql([text])'])(
    '%s would be seen',
    (code) => {
      expect(tricks.test(code)).toBe(true);
    },
  );
});
