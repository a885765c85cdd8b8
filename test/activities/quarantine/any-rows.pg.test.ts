import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBatchColumns } from '../../../activities/gate/batch-columns.ts';
import { setAside } from '../../../activities/quarantine/set-aside.ts';
import type { LoadRow } from '../../../activities/load.ts';
import { isAskable, planSuite } from '../../../expectations/compile.ts';
import { summary } from '../../../expectations/result-format.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { openShop, runOf } from '../shop.ts';
import type { Shop } from '../shop.ts';

let shop: Shop;
let load: LoadRow;
const run = runOf('any rows');
beforeAll(async () => {
  shop = await openShop();
  await shop.land([{ id: 'a' }], { file: 'one' });
  const { loadId } = await shop.openWindow('stg_transactions', run);
  load = await shop.ledger(loadId);
});
afterAll(() => shop.database.drop());

interface Row {
  readonly id: number;
  readonly amount: number | null;
  readonly store: string | null;
}

const anyRow = fc.record({
  amount: fc.option(fc.integer({ min: -2, max: 6 })),
  store: fc.option(fc.constantFrom('A', 'B', "it's", 'a')),
});

/** Each promise, and who breaks it by plain reckoning. */
const promises = [
  {
    of: expectation('expect_column_values_to_be_between', { column: 'amount', min_value: 0, max_value: 5 }),
    breaks: ({ amount }: Row) => amount !== null && (amount < 0 || amount > 5),
  },
  {
    of: expectation('expect_column_values_to_not_be_null', { column: 'store' }),
    breaks: ({ store }: Row) => store === null,
  },
  {
    of: expectation('expect_column_values_to_be_in_set', { column: 'store', value_set: ['A', "it's"] }),
    breaks: ({ store }: Row) => store !== null && store !== 'A' && store !== "it's",
  },
  {
    of: expectation('expect_column_values_to_be_unique', { column: 'amount' }),
    breaks: ({ amount }: Row, all: readonly Row[]) =>
      amount !== null && all.filter((other) => other.amount === amount).length > 1,
  },
  {
    of: expectation('expect_compound_columns_to_be_unique', { column_list: ['amount', 'store'] }),
    breaks: ({ amount, store }: Row, all: readonly Row[]) =>
      amount !== null &&
      store !== null &&
      all.filter((other) => other.amount === amount && other.store === store).length > 1,
  },
];

test('whatever the rows are, those that break a promise go aside with what they break, and no others', async () => {
  const anyBatch = fc.array(anyRow, { maxLength: 14 }).map((rows) => rows.map((row, id) => ({ id, ...row })));
  const anySuite = fc.subarray(promises, { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(anyBatch, anySuite, async (batch, asked) => {
      const expected = batch.flatMap((row) => {
        const broken = asked.flatMap(({ breaks }, index) => (breaks(row, batch) ? [index] : []));
        return broken.length === 0 ? [] : [{ id: row.id, broken }];
      });
      const { aside, left } = await quarantine(
        batch,
        asked.map(({ of }) => of),
      );
      expect(aside).toEqual(expected);
      expect(left).toEqual(batch.map(({ id }) => id).filter((id) => !expected.some((row) => row.id === id)));
    }),
    { numRuns: 60 },
  );
});

async function quarantine(batch: readonly Row[], asked: Parameters<typeof suiteOf>[0]) {
  return shop.database.databases.loader.transaction().execute(async (trx) => {
    await sql`delete from control.batch_quarantine`.execute(trx);
    await sql`drop table if exists candidate.any_rows`.execute(trx);
    await sql`create unlogged table candidate.any_rows as
      select * from jsonb_to_recordset(${JSON.stringify(batch)}::jsonb) as r (id int, amount int, store text)`.execute(
      trx,
    );
    const columns = await readBatchColumns(trx, { schema: 'candidate', table: 'any_rows' });
    const read = { relation: ['candidate', 'any_rows'], collapse: null, columns, key: [] } as const;
    const plan = planSuite(suiteOf(asked), read, { values: {}, asOf: load.asOf, format: summary });
    const note = { load, gate: 'output', suite: 'any', run, evaluationId: 1 } as const;
    await setAside(trx, plan.filter(isAskable), read, {
      ...note,
      verdictId: '6f7f9a50-0000-4000-8000-000000000002',
    });
    const { rows: aside } = await sql<{ id: number; broken: number[] }>`
      select (record ->> 'id')::int as id, expectations as broken from control.batch_quarantine order by 1`.execute(
      trx,
    );
    const { rows: left } = await sql<{ id: number }>`select id from candidate.any_rows order by 1`.execute(
      trx,
    );
    return { aside, left: left.map(({ id }) => id) };
  });
}
