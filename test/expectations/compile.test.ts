import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { describe, expect, test } from 'vitest';
import { compileSamples, isAskable, planSuite } from '../../expectations/compile.ts';
import type { Batch } from '../../expectations/compile.ts';
import { compileMeasures } from '../../expectations/measuring.ts';
import type { Sql } from '../../expectations/scan.ts';
import { expectation, suiteOf } from './suite-text.ts';

const compiler = new Kysely<object>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

function textOf(piece: Sql | undefined): { readonly sql: string; readonly parameters: readonly unknown[] } {
  if (piece === undefined) throw new Error('there is no such statement');
  const { sql, parameters } = piece.compile(compiler);
  return { sql, parameters };
}

const batch: Batch = {
  relation: ['delta', 'raw'],
  collapse: null,
  columns: new Map([
    ['id', { name: 'id', category: 'text', type: 'text' }],
    ['amount', { name: 'amount', category: 'number', type: 'numeric(12,2)' }],
    ['a"b', { name: 'a"b', category: 'whole', type: 'integer' }],
  ]),
  key: ['id'],
};

const suite = suiteOf([
  expectation('expect_column_values_to_not_be_null', { column: 'id' }),
  expectation('expect_column_values_to_be_unique', { column: 'id' }),
  expectation('expect_column_values_to_be_between', { column: 'amount', min_value: 0, max_value: 100_000 }),
  expectation('expect_column_values_to_be_in_set', { column: 'a"b', value_set: [1, 2] }),
]);
const run = { values: {}, asOf: '2017-01-01T00:00:00.000Z', format: null };
const entries = planSuite(suite, batch, run).filter(isAskable);

describe('compileMeasures', () => {
  test('one statement for a suite: every value bound, every name quoted, uniqueness beside the one scan', () => {
    const statements = compileMeasures(entries, batch);
    expect(statements).toHaveLength(1);
    expect(textOf(statements[0]?.sql)).toEqual({
      sql:
        'select count(*) as rows, (count(*) - count(*) filter (where "id" is null)) as "m1", ' +
        '(select case when count(k) = count(distinct k) then 0 else ' +
        '(select coalesce(sum(n), 0)::bigint from (select count(*) as n from "delta"."raw" where "id" is not null and ' +
        'hashtextextended("id"::text, 0) in (select k from (select hashtextextended("id"::text, 0) as k from "delta"."raw" where "id" is not null order by 1 offset 0) as keyed group by k having count(*) > 1) ' +
        'group by "id" having count(*) > 1) as repeated) end ' +
        'from (select hashtextextended("id"::text, 0) as k from "delta"."raw" where "id" is not null offset 0) as keyed) as "m2", ' +
        '(count(*) - count(*) filter (where "amount" is null)) as "m3", ' +
        'count(*) filter (where ("amount" < $1::numeric or "amount" > $2::numeric)) as "m4", ' +
        '(count(*) - count(*) filter (where "a""b" is null)) as "m5", ' +
        'count(*) filter (where ("a""b"::bigint <> all($3::bigint[]))) as "m6" from "delta"."raw"',
      parameters: [0, 100_000, ['1', '2']],
    });
  });

  test('reads the row back under the names that each expectation gave', () => {
    const [statement] = compileMeasures(entries, batch);
    const row = { rows: 3, m1: 2, m2: 0, m3: 3, m4: 1, m5: 3, m6: 0 };
    const measured = statement?.read(row);
    expect(measured?.rows).toBe(3);
    expect(measured?.entries.get(2)).toEqual({ elements: 3, present: 3, unexpected: 1 });
  });

  test('repeated deliveries are collapsed once, for the scan and for what stands beside it', () => {
    const { sql } = textOf(compileMeasures(entries, { ...batch, collapse: '_record_hash' })[0]?.sql);
    expect(sql).toMatch(
      /^with batch as materialized \(select distinct on \("_record_hash"\) \* from "delta"."raw"\) select /,
    );
    expect(sql).toMatch(/ from "batch"$/);
  });

  test('what several ask for is selected once; values that are bound tell apart', () => {
    const asked = [1, 2, 1].map((max_value) =>
      expectation('expect_column_values_to_be_between', { column: 'amount', max_value }),
    );
    const planned = planSuite(suiteOf(asked), batch, run).filter(isAskable);
    const [statement, ...more] = compileMeasures(planned, batch);
    expect(more).toEqual([]);
    const read = statement?.read({ rows: 9, m1: 8, m2: 5, m3: 6 }).entries;
    expect(textOf(statement?.sql).parameters).toEqual([1, 2]);
    expect([0, 1, 2].map((index) => read?.get(index)?.['unexpected'])).toEqual([5, 6, 5]);
  });

  test('more than a target list holds, or a statement binds, becomes a few statements and no error', () => {
    const many = Array.from({ length: 3000 }, (_, max_value) =>
      expectation('expect_column_values_to_be_between', { column: 'amount', max_value }),
    );
    const planned = planSuite(suiteOf(many), batch, run).filter(isAskable);
    const sizes = compileMeasures(planned, batch).map(({ sql }) => textOf(sql).parameters.length);
    expect(sizes).toEqual([1598, 1402]);
    const wide = Array.from({ length: 14 }, (_, n) =>
      expectation('expect_column_values_to_match_like_pattern_list', {
        column: 'id',
        like_pattern_list: Array.from({ length: 5000 }, (__, m) => `${n}-${m}`),
      }),
    );
    const bound = compileMeasures(planSuite(suiteOf(wide), batch, run).filter(isAskable), batch);
    expect(bound.length).toBeGreaterThan(1);
    for (const { sql } of bound) expect(textOf(sql).parameters.length).toBeLessThan(65_536);
  });
});

test('samples come in one statement, with key and value, at most 20 an expectation', () => {
  expect(textOf(compileSamples(entries.slice(1, 3), batch)?.sql)).toEqual({
    sql:
      'select (select coalesce(jsonb_agg(to_jsonb(sample)), \'[]\') from (select "id" from "delta"."raw" where ("id") in (select "id" from "delta"."raw" where "id" is not null and ' +
      'hashtextextended("id"::text, 0) in (select k from (select hashtextextended("id"::text, 0) as k from "delta"."raw" where "id" is not null order by 1 offset 0) as keyed group by k having count(*) > 1) ' +
      'group by "id" having count(*) > 1) limit $1) as sample) as "s1", ' +
      '(select coalesce(jsonb_agg(to_jsonb(sample)), \'[]\') from (select "id", "amount" from "delta"."raw" where ("amount" < $2::numeric or "amount" > $3::numeric) limit $4) as sample) as "s2"',
    parameters: [20, 0, 100_000, 20],
  });
});

test.each([
  [
    'a column that is not there',
    'expect_column_values_to_be_unique',
    { column: 'nope' },
    'there is no column nope',
  ],
  [
    'a number against text',
    'expect_column_values_to_be_between',
    { column: 'id', min_value: 1 },
    'column id is text and the bound is a number',
  ],
  [
    'a time against a number',
    'expect_column_max_to_be_between',
    { column: 'amount', min_value: '2017-01-01' },
    'column amount is numeric(12,2) and the bound is a time',
  ],
  [
    'numbers against text',
    'expect_column_values_to_be_in_set',
    { column: 'id', value_set: [1] },
    'column id is text and the set has numbers',
  ],
  [
    'a set of several types',
    'expect_column_values_to_be_in_set',
    { column: 'id', value_set: ['a', 1] },
    'the values of the set are of several types: string, number',
  ],
  [
    'a parameter that makes an argument wrong',
    'expect_table_row_count_to_be_between',
    { min_value: { $PARAMETER: 'x' } },
    'min_value not a whole number',
  ],
])('%s is that expectation’s own problem', (_, type, kwargs, problem) => {
  const planned = planSuite(suiteOf([expectation(type, kwargs)]), batch, { ...run, values: { x: 'many' } });
  expect(planned.map((entry) => entry.problem)).toEqual([problem]);
});
