import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../../expectations/json.ts';
import { expectation } from '../../expectations/suite-text.ts';
import { until } from '../../poll.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { emptySchema, prove, setUp } from './proving.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
beforeEach(() => emptySchema(database.admin));
afterAll(() => database.drop());

const unique = (column: string): JsonObject => expectation('expect_column_values_to_be_unique', { column });
const present = (column: string): JsonObject =>
  expectation('expect_column_values_to_not_be_null', { column });
const positive = (column: string): JsonObject =>
  expectation('expect_column_values_to_be_between', { column, min_value: 0 });

test('an index that could not be built is there and proves nothing', async () => {
  await setUp(database.admin, 'create table proofs.t (a int)', 'insert into proofs.t values (1), (1)');
  const building = setUp(database.admin, 'create unique index concurrently on proofs.t (a)');
  await expect(building).rejects.toThrow(/duplicated|could not create/);
  expect(await prove(database.admin, unique('a'))).toEqual({ success: false, proof: null });
});

test.each([
  ['a check', 'alter table proofs.t add check (a >= 0)', positive('a')],
  ['a check that became valid', 'alter table proofs.t validate constraint late', positive('a')],
  ['NOT NULL', 'alter table proofs.t alter column b set not null', present('b')],
  ['a unique index', 'alter table proofs.t add unique (c)', unique('c')],
])('rows that an older snapshot still sees are not covered by %s of today', async (_, change, promise) => {
  await setUp(
    database.admin,
    'create table proofs.t (a int check (a > -9), b int check (b > -9), c int)',
    'insert into proofs.t values (-1, null, 1), (1, 1, 1)',
    'alter table proofs.t add constraint late check (a >= 0) not valid',
  );
  const meanwhile = (): Promise<void> => setUp(database.admin, 'delete from proofs.t where a < 0', change);
  expect(await prove(database.admin, promise, { meanwhile })).toEqual({ success: false, proof: null });
  expect(await prove(database.admin, promise)).toMatchObject({
    success: true,
    proof: expect.stringMatching(/^constraint: /),
  });
});

test('a table that took the name of another is not proved by that one’s index', async () => {
  await setUp(
    database.admin,
    'create table proofs.t (a int primary key)',
    'create table proofs.other (a int)',
    'insert into proofs.other values (1), (1)',
  );
  const meanwhile = (): Promise<void> =>
    setUp(database.admin, 'alter table proofs.t rename to old', 'alter table proofs.other rename to t');
  expect(await prove(database.admin, unique('a'), { meanwhile })).toEqual({ success: false, proof: null });
});

test('a check that becomes valid while the planner is being asked is not believed', async () => {
  await setUp(
    database.admin,
    'create table proofs.t (a int check (a > -9))',
    'insert into proofs.t values (-1)',
    'alter table proofs.t add constraint late check (a >= 0) not valid',
  );
  const beforePlan = (): Promise<void> =>
    setUp(database.admin, 'delete from proofs.t', 'alter table proofs.t validate constraint late');
  expect(await prove(database.admin, positive('a'), { beforePlan })).toEqual({ success: false, proof: null });
  expect(await prove(database.admin, positive('a'))).toMatchObject({ success: true });
});

test('a change that was rolled back changed nothing', async () => {
  await setUp(database.admin, 'create table proofs.t (a int check (a >= 0))');
  const undone = database.admin.transaction().execute(async (trx) => {
    await setUp(
      trx,
      'alter table proofs.t add column b int',
      'alter table proofs.t drop constraint t_a_check',
    );
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  // Whether it was rolled back shows when all transactions are over that ran beside it.
  const proved = async (): Promise<boolean> => (await prove(database.admin, positive('a'))).proof !== null;
  expect(await until(proved, { what: 'a proof' })).toBe(true);
});
