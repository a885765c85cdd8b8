import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mapsEachRow } from '../../models/maps-each-row.ts';

const of = (sql: string): boolean => mapsEachRow({ sql });

test('the shipped mapping models make at most one row of each', () => {
  for (const name of ['stg_transactions', 'stg_pos_events'])
    expect(of(readFileSync(`models/silver/${name}.sql`, 'utf8')), name).toBe(true);
});

test.each([
  ['a filter', 'select a, lower(b) from delta.x where a is not null', true],
  ['an expression', 'select a, case when b > 0 then b::integer end from delta.x', true],
  ['a join', 'select a from delta.x join gold.y using (b)', false],
  ['a list of relations', 'select a from delta.x, gold.y', false],
  ['a lateral function', 'select a from delta.x cross join lateral generate_series(1, b)', false],
  ['a function that returns rows', 'select a, unnest(b) from delta.x', false],
  ['one that is not known', 'select a, other.many(b) from delta.x', false],
  ['one to sort by', 'select a from delta.x order by generate_series(1, 2)', false],
  ['a union', 'select a from delta.x union all select a from delta.x', false],
  ['a subquery', 'select a from (select a from delta.x, gold.y) as z', false],
  ['a common table', 'with z as (select a from delta.x) select a from z', false],
])('%s', (_, sql, each) => {
  expect(of(sql)).toBe(each);
});
