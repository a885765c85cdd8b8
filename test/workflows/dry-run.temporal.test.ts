import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { sayOf } from '../setup/say-of.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir();
  await weir.loadDimensions();
});
afterEach(async () => {
  await weir.close();
});

/** Everything that a run could have changed: loads, leases, incidents, what was landed. */
async function books(): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<Readonly<Record<string, number>>>`
    select (select count(*)::int from control.load) as loads, (select count(*)::int from control.lease) as leases,
      (select count(*)::int from control.landing) as landed, (select count(*)::int from control.gate_run) as gates,
      (select count(*)::int from control.incident) as incidents`.execute(weir.database.admin);
  return rows[0] ?? {};
}

/** The last of the other branches has come to its end. */
async function isEmpty(model: string): Promise<boolean> {
  const { rows } = await sql`
    select from control.load where model = ${model} and state = 'empty'`.execute(weir.database.admin);
  return rows.length > 0;
}

async function detailsOf(run: Run): Promise<string> {
  const metadata = await run.query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

it('says what a run would read, ask and leave, and does nothing of it', async () => {
  await weir.land(HOUR, [...baskets(1, 9), basket(9, { total_amount: '100000.01' })]);
  const held = await weir.run('hourly', { asOf: AS_OF });
  const verdictId = await weir.heldVerdict('stg_transactions');
  // The other branches come to their end, and the page is written down.
  await until(
    async () => {
      const { leases, incidents } = await books();
      return leases === 1 && incidents === 1 && (await isEmpty('inventory_realtime'));
    },
    { what: 'only the gate is held', timeoutMs: 60_000 },
  );
  const before = await books();

  const run = await weir.run('hourly', { asOf: AS_OF, dryRun: true });
  const { dryRun, models } = await run.result();
  await keepHistory('dry-run', run);
  expect(models).toEqual({});
  expect(dryRun?.sources).toContain('raw_transactions');
  expect(dryRun?.models.find(({ model }) => model === 'stg_transactions')).toEqual({
    model: 'stg_transactions',
    reads: 'arrival',
    text: 'raw_transactions: 9 rows',
    rows: 9,
    exact: true,
    gates: { input: 'transactions', output: 'stg_transactions' },
    heldBy: { workflowId: held.workflowId, since: expect.any(String) },
  });
  const details = await detailsOf(run);
  expect(details).toMatch(/^\*\*DRY RUN\*\* · hourly load as of 2017-01-02T09:00:00.000Z: nothing was done/);
  expect(details).toContain(
    '| stg_transactions | arrival | 9 | raw_transactions: 9 rows | input transactions, output stg_transactions |',
  );
  expect(details).toMatch(/\| stg_pos_events \| arrival, empty \| 0 \|/);
  const { typedSearchAttributes } = await run.describe();
  expect(JSON.stringify(typedSearchAttributes)).toContain('dryRun');
  expect(await books()).toEqual(before);
  await held.executeUpdate('abandon', { args: [{ verdictId, reason: 'seen' }] });
  await expect(held.result()).rejects.toThrow();
});

it('tells of windows by event time and rebuilds, and of what would be refused; a broken file pages nobody', async () => {
  await weir.land(HOUR, baskets(1, 9));
  await (await weir.run('hourly', { asOf: AS_OF })).result();
  const weirSays = await sayOf(weir);
  const hours = ['--from', '2017-01-02T08:00:00Z', '--to', '2017-01-02T09:00:00Z'];
  const interval = await weirSays('run', 'hourly', '--dry-run', ...hours);
  expect(interval).toMatchObject({ code: 0 });
  expect(interval.out).toContain(
    'stg_transactions: interval · raw_transactions: 8 rows, [2017-01-02T08:00:00',
  );
  expect(interval.out).toMatch(/nothing was done\n$/);
  const rebuild = await weirSays('run', 'hourly', '--dry-run', '--json', '--full-refresh', 'fct_daily_sales');
  const answered: { readonly dryRun?: { readonly models: readonly { readonly model: string }[] } } =
    JSON.parse(rebuild.out);
  expect(answered.dryRun?.models.find(({ model }) => model === 'fct_daily_sales')).toMatchObject({
    reads: 'rebuild',
  });
  const { load_id: replay } = await weir.database.admin
    .selectFrom('control.load')
    .select('load_id')
    .where('model', '=', 'stg_transactions')
    .executeTakeFirstOrThrow();
  const again = await (await weir.run('hourly', { asOf: AS_OF, replay, dryRun: true })).result();
  expect(again.dryRun).toMatchObject({
    sources: [],
    models: [
      {
        model: 'stg_transactions',
        reads: 'replay',
        text: `raw_transactions: 8 rows, the window of load ${replay} again`,
        rows: 8,
      },
    ],
  });
  const wrong = await weir.run('hourly', { dryRun: true, models: ['no_such_model'] });
  await expect(wrong.result()).rejects.toThrow();
  expect(await weir.incidents()).toEqual([]);
});
