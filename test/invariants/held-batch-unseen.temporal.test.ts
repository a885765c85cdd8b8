import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../activities/databases.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { openDatabase } from '../../workers/databases.ts';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { addExpectation } from '../setup/suite-file.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const NEXT_HOUR = '2017-01-02T10:00:00.000Z';
const LATER = { transaction_timestamp: '2017-01-02T09:15:00Z' };
const OVER_LIMIT = basket(9, { ...LATER, total_amount: '100000.01' });

let weir: TestWeir;
let reader: Database;
beforeEach(async () => {
  weir = await testWeir({ ownFiles: true });
  reader = openDatabase(loginUrl(weir.settings.databaseUrl, 'weir_analytics_reader'), 'test reader', 2);
  await weir.loadDimensions();
  await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 4));
  await (await weir.run('hourly', { asOf: AS_OF })).result();
});
afterEach(async () => {
  await reader.destroy();
  await weir.close();
});

/** Relation by relation, what a login finds in the schemas it may enter: a digest of every row. */
async function seenBy(db: Database, schemas: readonly string[]): Promise<Record<string, string>> {
  const { rows: relations } = await sql<{ schema: string; name: string }>`
    select relnamespace::regnamespace::text as schema, relname as name from pg_class
    where relkind in ('r', 'v') and relnamespace::regnamespace::text in (${sql.join(schemas)})
      and has_schema_privilege(relnamespace, 'usage') and has_table_privilege(oid, 'select')
    order by 1, 2`.execute(db);
  const seen: Record<string, string> = {};
  for (const { schema, name } of relations) {
    const { rows } = await sql<{ digest: string }>`
      select count(*) || ' rows ' || md5(coalesce(string_agg(row::text, '|' order by row::text), '')) as digest
      from ${sql.table(`${schema}.${name}`)} as row`.execute(db);
    seen[`${schema}.${name}`] = rows[0]?.digest ?? '';
  }
  return seen;
}

const everything = async () => ({
  reader: await seenBy(reader, ['bronze', 'silver', 'gold', 'semantic', 'candidate', 'delta', 'changes']),
  published: await seenBy(weir.database.admin, ['silver', 'gold', 'semantic']),
});

async function holdNextHour(model: string): Promise<{ run: Run; verdictId: string }> {
  const run = await weir.run('hourly', { asOf: NEXT_HOUR });
  return { run, verdictId: await weir.heldVerdict(model) };
}

describe('invariant 2: no reader sees a row of a batch whose gate has not passed or been overridden', () => {
  it('held at its input gate: not while it is held, not after an override without a name, not after it is given up', async () => {
    const before = await everything();
    expect(Object.keys(before.reader)).toEqual([
      'gold.dim_products',
      'gold.dim_products_history',
      'gold.dim_stores',
      'gold.dim_stores_history',
      'gold.fct_daily_sales',
      'gold.inventory_realtime',
      'semantic.daily_sales_by_region',
      'semantic.daily_sales_by_store',
      'semantic.inventory_alerts',
      'semantic.monthly_sales_by_region',
    ]);
    await weir.land('transactions/2017-01-02T09.jsonl', [...baskets(5, 8, LATER), OVER_LIMIT]);
    const { run, verdictId } = await holdNextHour('stg_transactions');
    expect(await everything()).toEqual(before);
    const nameless = { verdictId, reason: 'nobody says who wants this published' };
    await expect(run.executeUpdate(decisionUpdates.overrideGate, { args: [nameless] })).rejects.toMatchObject(
      { cause: { message: expect.stringContaining('by is missing') } },
    );
    expect(await everything()).toEqual(before);
    await run.executeUpdate(decisionUpdates.abandon, {
      args: [{ verdictId, reason: 'not wanted', by: 'test' }],
    });
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'Abandoned' } });
    expect(await everything()).toEqual(before);
  });

  it('held at its output gate, when the candidate is there', async () => {
    const before = await everything();
    await addExpectation(weir, 'stg_transactions', {
      type: 'expect_table_row_count_to_be_between',
      kwargs: { max_value: 3 },
      severity: 'critical',
    });
    await weir.land('transactions/2017-01-02T09.jsonl', baskets(5, 9, LATER));
    const { run, verdictId } = await holdNextHour('stg_transactions');
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from pg_class where relnamespace = 'candidate'::regnamespace and relkind = 'r'`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ n: 1 }]);
    expect(await everything()).toEqual(before);
    const named = { verdictId, reason: 'four baskets are as good as three', by: 'test' };
    await run.executeUpdate(decisionUpdates.overrideGate, { args: [named] });
    await run.result();
    const after = await everything();
    expect(after.published['silver.stg_transactions']).toMatch(/^7 rows/);
    expect(after.reader['gold.fct_daily_sales']).not.toBe(before.reader['gold.fct_daily_sales']);
  });

  it('held in gold, when silver has been published', async () => {
    const before = await everything();
    await addExpectation(weir, 'fct_daily_sales', {
      type: 'expect_column_max_to_be_between',
      kwargs: { column: 'transaction_count', max_value: 1 },
      severity: 'critical',
    });
    await weir.land('transactions/2017-01-02T09.jsonl', baskets(5, 8, LATER));
    const { run, verdictId } = await holdNextHour('fct_daily_sales');
    expect((await everything()).reader).toEqual(before.reader);
    await run.executeUpdate(decisionUpdates.abandon, {
      args: [{ verdictId, reason: 'not wanted', by: 'test' }],
    });
    await expect(run.result()).rejects.toThrow();
    expect((await everything()).reader).toEqual(before.reader);
  });

  it('nor half a batch, while one that passed is being published', async () => {
    const before = await everything();
    await weir.land('transactions/2017-01-02T09.jsonl', baskets(5, 8, LATER));
    const trap = await setTrap(weir, 'publish');
    const run = await weir.run('hourly', { asOf: NEXT_HOUR });
    await trap.caught();
    expect(await everything()).toEqual(before);
    await trap.open();
    await run.result();
    expect((await everything()).published['silver.stg_transactions']).toMatch(/^6 rows/);
  });

  it('a reader may not even ask what has not been published for readers', async () => {
    const kept = [
      'bronze.raw_transactions',
      'silver.stg_transactions',
      'delta.raw_transactions',
      'control.quarantine',
    ];
    for (const relation of kept) {
      await expect(sql`select from ${sql.table(relation)}`.execute(reader), relation).rejects.toMatchObject({
        code: '42501',
      });
    }
  });
});
