import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBatchColumns } from '../../../activities/gate/batch-columns.ts';
import { withTableContext } from '../../../activities/gate/batch-context.ts';
import { evaluateSuite } from '../../../activities/gate/evaluate.ts';
import type { JudgedEntry } from '../../../expectations/judge.ts';
import type { Json, JsonObject } from '../../../expectations/json.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  const { admin } = database;
  await sql`create schema shop`.execute(admin);
  await sql`create table shop.readings (at timestamp, meter text, value integer, "a ""b"".c" integer)`.execute(
    admin,
  );
  await sql`insert into shop.readings values
    ('2017-01-01', 'A', 1, 1), ('2017-01-03', 'A', 5, 2), ('2017-01-02', 'B', 3, 3), (null, 'A', 4, 4), (null, 'A', 6, 4)`.execute(
    admin,
  );
  await sql`create view shop.seen as select * from shop.readings`.execute(admin);
  await sql`create table shop.parts (value integer) partition by range (value)`.execute(admin);
});
afterAll(() => database.drop());

interface Asked {
  readonly judged: JudgedEntry | undefined;
  readonly rows: readonly JsonObject[];
}

async function ask(
  kwargs: JsonObject,
  weir: JsonObject = {},
  table = 'readings',
  key: readonly string[] = ['at'],
): Promise<Asked> {
  const asked = expectation('expect_column_values_to_be_increasing', kwargs, { meta: { weir } });
  const suite = suiteOf([asked]);
  return database.admin
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const columns = await readBatchColumns(trx, { schema: 'shop', table });
      const read = { relation: ['shop', table] as const, collapse: null, columns, key };
      const batch = await withTableContext(trx, read, suite, null);
      const run = { values: {}, asOf: '2017-01-01T00:00:00Z', format: null };
      const { judged, samples } = await evaluateSuite(trx, suite, batch, run);
      return { judged: judged[0], rows: samples.get(0) ?? [] };
    });
}

const value = { column: 'value' };
const values = ({ rows }: Asked): readonly Json[] => rows.map((row) => row['value'] ?? null);

describe('which row comes before which', () => {
  test('is as they lie in a table, where nothing else says so', async () => {
    const asked = await ask(value);
    expect(asked.judged?.judgement?.unexpectedCount).toBe(1);
    expect(values(asked)).toEqual([3]);
  });

  test('is what the suite says; rows without a place come last, and can be named as evidence', async () => {
    // 1, 3, 5, then 4 and 6 of no time.
    const asked = await ask(value, { order_by: ['at'] });
    expect(asked.judged?.judgement?.unexpectedCount).toBe(1);
    expect(values(asked)).toEqual([4]);
  });

  test('is always the same among rows of one place: the order that keeps the promise', async () => {
    const asked = await ask(value, { order_by: ['a "b".c'] });
    expect(values(asked)).toEqual([3]);
    expect((await ask({ ...value, strictly: true }, { order_by: ['meter'] })).judged?.success).toBe(false);
  });

  test('is told among the rows that are asked: what is left out lies between nothing', async () => {
    const kwargs = { ...value, row_condition: 'col("meter") == "A"', condition_parser: 'great_expectations' };
    expect((await ask(kwargs, { order_by: ['at'] })).judged?.judgement).toMatchObject({
      unexpectedCount: 1,
      result: { element_count: 4 },
    });
    expect(values(await ask(kwargs))).toEqual([4]);
  });

  test.each(['seen', 'parts'])('has to be said of %s, which has no order of its own', async (table) => {
    const { judged } = await ask(value, {}, table, []);
    expect(judged?.error?.reason).toBe(
      'nothing says which row comes first: give columns in the expectation’s meta, {"weir": {"order_by": ["…"]}}',
    );
  });

  test('cannot be told by a column that is not there', async () => {
    expect((await ask(value, { order_by: ['nowhere'] })).judged?.error?.reason).toBe(
      'there is no column nowhere',
    );
  });
});
