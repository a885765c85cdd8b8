import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../activities/databases.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { openDatabase } from '../../workers/databases.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { addExpectation, sayOfSuite } from '../setup/suite-file.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

let weir: TestWeir;
let reader: Database;
const workers = workerProcesses();
beforeEach(async () => {
  weir = await testWeir({ ownFiles: true, worker: false });
  reader = openDatabase(loginUrl(weir.settings.databaseUrl, 'weir_analytics_reader'), 'test reader', 2);
});
afterEach(async () => {
  await reader.destroy();
  await workers.stopAll();
  await weir.close();
});

const HOUR = 'transactions/2017-01-02T08.jsonl';
/** Breaks the input gate; the SELECT would make its amount NULL and keep it. */
const OVER_LIMIT = basket(100, { total_amount: '100000.01' });
/** Break the output gate, as two baskets of one customer. */
const DOUBLED = [basket(101, { customer_id: 'twice' }), basket(102, { customer_id: 'twice' })];

async function landAndQuarantine(): Promise<void> {
  await sayOfSuite(weir, 'transactions', { on_failure: 'quarantine', quarantine_share: 0.5 });
  await addExpectation(weir, 'stg_transactions', {
    type: 'expect_column_values_to_be_unique',
    kwargs: {
      column: 'customer_id',
      row_condition: {
        column: { name: 'customer_id' },
        operator: '==',
        parameter: 'twice',
        type: 'comparison',
      },
    },
    meta: { weir: { on_failure: 'quarantine', quarantine_share: 0.5 } },
  });
  await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT, ...DOUBLED]);
}

/** What readers see: the day's sales, in baskets and money. */
async function seen(): Promise<unknown> {
  const { rows } = await sql`
    select coalesce(sum(transaction_count), 0)::int as baskets, sum(gross_sales)::text as sales
    from gold.fct_daily_sales`.execute(reader);
  return rows[0];
}

async function kept(): Promise<unknown> {
  const { rows } = await sql`
    select (select array_agg(transaction_id order by 1) from silver.stg_transactions) as silver,
      (select array_agg(gate || ' ' || (record ->> 'transaction_id') order by 1) from control.batch_quarantine) as aside,
      (select count(*)::int from bronze.raw_transactions) as bronze,
      (select rows_quarantined::int from control.load where model = 'stg_transactions') as counted`.execute(
    weir.database.admin,
  );
  return rows[0];
}

const GOOD_ONLY = {
  silver: baskets(1, 9).map(({ transaction_id: id }) => id),
  aside: ['input T000100', 'output T000101', 'output T000102'],
  bronze: 11,
  counted: 3,
};

describe('invariant 2: a batch of which rows went aside publishes exactly the others', () => {
  it('while they go, and after; whatever worker dies midway', { timeout: 120_000 }, async () => {
    const first = await workers.spawn(weir);
    await weir.loadDimensions();
    await landAndQuarantine();
    const trap = await setTrap(weir, 'quarantine');
    const run = await weir.run('hourly', { asOf: AS_OF });
    await trap.caught();
    const before = { baskets: 0, sales: null };
    expect(await seen()).toEqual(before);
    await first.kill();
    await workers.spawn(weir);
    expect(await seen()).toEqual(before);
    await trap.open();
    await run.result();
    expect(await kept()).toEqual(GOOD_ONLY);
    expect(await seen()).toEqual({ baskets: 8, sales: '40.00' });
    expect(await seenOf(['T000100', 'T000101', 'T000102'])).toEqual([]);
  });

  /** Those of some baskets that any published relation has. */
  async function seenOf(ids: readonly string[]): Promise<readonly unknown[]> {
    const { rows } = await sql`
      select transaction_id from silver.stg_transactions where transaction_id in (${sql.join(ids)})`.execute(
      weir.database.admin,
    );
    return rows;
  }
});
