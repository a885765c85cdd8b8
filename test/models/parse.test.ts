import { describe, expect, test } from 'vitest';
import { parseModel } from '../../models/parse.ts';
import { modelText, refusalOf, sourceText, ungated, version } from './model-text.ts';

const file = 'models/gold/things.sql';
/** Published models: three header lines, so the SELECT begins on line 11. */
const incremental = (select: string): string => modelText('incremental', ungated, select);
const full = (select: string): string => modelText('full_refresh', ungated, select);
const touched = (queries: string, select: string): string =>
  modelText('incremental', `${ungated}\ntouched:\n${queries}`, select);
const anySelect = 'select id from bronze.raw_things';
const clock = "Use now(): it is the run's as-of time.";
const oneSelect = 'Keep one SELECT a file.';
const reads = 'Weir writes; a model only reads.';

describe('a file is refused, with line and mend', () => {
  test.each<[what: string, file: string]>([
    ['in no layer', 'models/platinum/things.sql'],
    ['of no name', 'models/gold/Things-2.sql'],
  ])('%s', async (_what, at) => {
    expect(await refusalOf(() => parseModel(at, full(anySelect)))).toEqual([
      `${at}:1: not the place or name of a model. ` +
        'Models are models/<layer>/<name>.sql; layers are bronze, silver, gold, semantic, names are snake_case.',
    ]);
  });

  test.each<[what: string, text: string, problems: string[]]>([
    [
      'a SELECT with a typo',
      full('select id\nfrom from bronze.raw_things'),
      ['12: SQL: syntax error at or near "from". Run the file in psql to see it there.'],
    ],
    ['no SELECT', full(''), [`11: expected exactly one SELECT, found 0 statements. ${oneSelect}`]],
    [
      'nothing after the header, not even a line',
      full('').trimEnd(),
      [`10: expected exactly one SELECT, found 0 statements. ${oneSelect}`],
    ],
    [
      'two statements',
      full(`${anySelect};\nselect 2`),
      [`12: expected exactly one SELECT, found 2 statements. ${oneSelect}`],
    ],
    [
      'another statement',
      full('delete from gold.things'),
      [`11: expected exactly one SELECT, found DeleteStmt. ${oneSelect}`],
    ],
    [
      'a SELECT that changes',
      full('with gone as (delete from gold.x returning id) select id from gone'),
      [`11: the SELECT changes or locks something. ${reads}`],
    ],
    [
      'a SELECT that locks',
      full(`${anySelect} for update`),
      [`11: the SELECT changes or locks something. ${reads}`],
    ],
    [
      'a SELECT that makes a table',
      full('select id into gold.x from bronze.raw_things'),
      [`11: the SELECT changes or locks something. ${reads}`],
    ],
    [
      'current_date',
      full('select id,\n  current_date as day from bronze.raw_things'),
      [`12: the SQL reads the clock with current_date. ${clock}`],
    ],
    [
      'clock_timestamp()',
      full('select id, clock_timestamp() as at from bronze.raw_things'),
      [`11: the SQL reads the clock with clock_timestamp. ${clock}`],
    ],
    [
      "Postgres' own now()",
      full('select id, pg_catalog.now() as at from bronze.raw_things'),
      [`11: the SQL reads the clock with now. ${clock}`],
    ],
    [
      'a relation without schema',
      full('select id\n\nfrom raw_things'),
      [
        '13: raw_things has no schema. Name it delta.raw_things for the rows of the window, or <layer>.raw_things for all of it.',
      ],
    ],
  ])('%s', async (_what, text, problems) => {
    const found = await refusalOf(() => parseModel(file, text));
    expect(found).toEqual(problems.map((one) => `${file}:${one}`));
  });

  test('everything at once', async () => {
    const found = await refusalOf(() =>
      parseModel(file, full('select current_time as at,\n  1\nfrom raw_things')),
    );
    expect(found.map((one) => one.split(':')[1])).toEqual(expect.arrayContaining(['7', '11', '12', '13']));
  });
});

describe('a model that can be used', () => {
  test('maps a delta', async () => {
    expect(
      await parseModel(file, incremental(`select id, ${version}\nfrom delta.raw_things;\n`)),
    ).toMatchObject({
      name: 'things',
      relation: 'gold.things',
      uniqueKey: ['id'],
      gates: { input: null, output: null },
      gateReason: 'a test',
      shape: { kind: 'map', delta: 'raw_things' },
      sql: `select id, ${version}\nfrom delta.raw_things`,
      references: [{ schema: 'delta', name: 'raw_things', line: 12 }],
    });
  });

  test('states the keys it recomputes', async () => {
    const query = 'select id from delta.a';
    const select = 'with sums as (select id from touched.things join gold.a using (id)) select id from sums';
    expect(await parseModel(file, touched(`  a: ${query}`, select))).toMatchObject({
      shape: {
        kind: 'touched',
        queries: [{ delta: 'a', sql: query, references: [{ schema: 'delta', name: 'a', line: 11 }] }],
      },
      references: [
        { schema: 'touched', name: 'things' },
        { schema: 'gold', name: 'a' },
      ],
    });
  });

  test('says how its table is kept; left out, as little as can be', async () => {
    expect(await parseModel(file, full(anySelect))).toMatchObject({
      onSchemaChange: 'fail',
      grants: [],
      partitioning: null,
      freshness: null,
      maxShrink: null,
    });
    const more = `unique_key: [id]
gates: {output: {suite: things}}
on_schema_change: sync_all_columns
grants: {select: [bi_reader]}
partitioning: {by: month, column: id}
freshness: {objective: 75 minutes, target: 0.99}
max_shrink: 0.1`;
    expect(await parseModel(file, modelText('full_refresh', more, anySelect))).toMatchObject({
      onSchemaChange: 'sync_all_columns',
      grants: ['bi_reader'],
      partitioning: { by: 'month', column: 'id' },
      freshness: { objectiveSeconds: 4500, target: 0.99 },
      maxShrink: 0.1,
    });
  });

  test('keeps what lands for ever, or as long as it says', async () => {
    const bronze = 'models/bronze/raw_things.sql';
    const text = sourceText({ id: 'text' });
    expect(await parseModel(bronze, text)).toMatchObject({ retention: null, grants: [] });
    expect(await parseModel(bronze, text.replace('\n*/', '\nretention: 90 days\n*/'))).toMatchObject({
      retention: { days: 90 },
    });
  });

  test('is a history of whole relations, whose times may be described', async () => {
    const described = `${ungated}\nindexes: [[valid_to]]\ncolumns: {valid_from: {description: d}}`;
    expect(await parseModel(file, modelText('history', described, anySelect))).toMatchObject({
      kind: 'history',
      shape: { kind: 'whole' },
    });
  });

  test('has a hash of what it builds, not of what it says of it', async () => {
    const hash = async (text: string): Promise<string> => (await parseModel(file, text)).sqlHash;
    const before = await hash(full(anySelect));
    expect(await hash(full(`\n${anySelect};`).replace('owner: o', 'owner: p'))).toBe(before);
    expect(
      await hash(modelText('full_refresh', `${ungated}\non_schema_change: append_new_columns`, anySelect)),
    ).toBe(before);
    expect(await hash(full(`${anySelect} where true`))).not.toBe(before);
    expect(await hash(full('select id, 1 as n from bronze.raw_things').replace('[id]', '[id, n]'))).not.toBe(
      await hash(full('select id, 1 as n from bronze.raw_things')),
    );
  });
});
