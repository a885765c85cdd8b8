import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { askRelation, emptySchema, setUp } from './proving.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  await emptySchema(database.admin);
  await setUp(
    database.admin,
    'create table proofs.t (id int, refund_of int, hash uuid)',
    'insert into proofs.t select n, n % 2, md5(n::text)::uuid from generate_series(1, 4) n, generate_series(1, 2)',
  );
});
afterAll(() => database.drop());

/** Queries that give the batch a name of their own, and one that gives it none. */
const queries = [
  'select b.id from {batch} as b where b.id > 4',
  'select b.id from {batch} b join {batch} c on c.id = b.refund_of where b.id > 4',
  'select id from {batch} where id > 4',
];

test.each([
  ['as a table stands', {}],
  ['of chosen rows', { where: sql`id <> 3` }],
  ['of rows that came several times', { collapse: 'hash' }],
  ['of chosen rows that came several times', { where: sql`id <> 3`, collapse: 'hash' }],
])('a query of a suite may give the batch a name: %s', async (_, batch) => {
  const suite = suiteOf([
    ...queries.map((text) => expectation('unexpected_rows_expectation', { unexpected_rows_query: text })),
    expectation('expect_query_results_to_match_comparison', {
      base_query: 'select b.id from {batch} b',
      comparison_query: 'select c.id from {batch} as c',
      comparison_data_source_name: 'shop',
    }),
    expectation('expect_column_values_to_not_be_null', { column: 'id' }),
  ]);
  const { outcomes } = await askRelation(database.admin, suite, { batch });
  expect(outcomes.map(({ success }) => success)).toEqual(Array(5).fill(true));
});
