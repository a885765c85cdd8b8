import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { sql } from 'kysely';
import Long from 'long';
import { afterEach, expect, it } from 'vitest';
import type { HousekeepingInput } from '../../workflows/housekeeping-input.ts';
import type { HousekeepingReport } from '../../workflows/housekeeping.ts';
import { until } from '../poll.ts';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { sayOf } from '../setup/say-of.ts';
import { addExpectation, suiteFile } from '../setup/suite-file.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';
import { withinOne } from '../setup/within-one.ts';

const { ResetReapplyType } = temporal.api.enums.v1;

let weir: TestWeir;
afterEach(() => weir.close());

type Housekeeping = (input?: HousekeepingInput) => Promise<HousekeepingReport>;

async function start(
  input: HousekeepingInput = {},
): Promise<WorkflowHandleWithFirstExecutionRunId<Housekeeping>> {
  return await weir.temporal.client.workflow.start<Housekeeping>('housekeeping', {
    taskQueue: weir.temporal.taskQueue,
    workflowId: `housekeeping-${randomUUID()}`,
    args: [input],
  });
}

async function keepHouse(input: HousekeepingInput = {}): Promise<HousekeepingReport> {
  return await (await start(input)).result();
}

const candidates = async (): Promise<readonly string[]> => {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = 'candidate'::regnamespace and relkind = 'r' order by 1`.execute(
    weir.database.admin,
  );
  return rows.map(({ name }) => name);
};

const leases = async (): Promise<readonly string[]> => {
  const rows = await weir.database.admin
    .selectFrom('control.lease')
    .select('model')
    .orderBy('model')
    .execute();
  return rows.map(({ model }) => model);
};

it('does every chore; one that fails stops none of the others, pages, and the next one resolves it', async () => {
  await withinOne('day');
  weir = await testWeir();
  await sql`drop table bronze_partition.${sql.id(await lastPartition())}`.execute(weir.database.admin);
  await sql`delete from control.bronze_partition where to_day = control.utc_day() + 8 and source = 'raw_transactions'`.execute(
    weir.database.admin,
  );
  await sql`alter function control.long_transactions(interval) rename to hidden`.execute(weir.database.admin);
  const failed = await start();
  const failure: unknown = await failed.result().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkflowFailedError);
  expect(failure).toMatchObject({
    cause: {
      type: 'HousekeepingFailed',
      message: expect.stringMatching(
        /^transactions: Postgres refused to do the housekeeping of transactions: SQLSTATE 42883/,
      ),
      details: [
        {
          dryRun: false,
          chores: {
            partitions: { state: 'done', done: ['bronze.raw_transactions: made 1 partition'] },
            candidates: { state: 'done', done: [] },
            transactions: { state: 'failed' },
          },
        },
      ],
    },
  });
  const [page] = await until(
    async () => {
      const found = await weir.incidents();
      return found.length > 0 ? found : undefined;
    },
    { what: 'on-call is paged', timeoutMs: 60_000 },
  );
  expect(page).toMatchObject({
    status: 'triggered',
    summary: expect.stringMatching(/^housekeeping failed: transactions: /),
    text: expect.stringContaining('No load is stopped and no row is lost'),
  });

  await sql`alter function control.hidden(interval) rename to long_transactions`.execute(weir.database.admin);
  const [one, other] = await Promise.all([start(), start()]);
  const reports = await Promise.all([one.result(), other.result()]);
  for (const { chores } of reports)
    expect(Object.values(chores).map(({ state }) => state)).toEqual(Array.from({ length: 8 }, () => 'done'));
  await until(async () => (await weir.incidents()).every(({ status }) => status === 'resolved'), {
    what: 'the incident is resolved',
    timeoutMs: 60_000,
  });
  await keepHistory('housekeeping', one);

  const refused: unknown = await keepHouse({ chores: ['dusting'] }).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    cause: { type: 'InvalidInput', message: expect.stringContaining('list some of partitions, books') },
  });
});

async function lastPartition(): Promise<string> {
  const row = await sql<{ partition: string }>`
    select partition from control.bronze_partition where source = 'raw_transactions' and to_day = control.utc_day() + 8`.execute(
    weir.database.admin,
  );
  return row.rows[0]?.partition ?? '';
}

it('drops the candidate of a hold that expired a week ago, and a reset stages the recorded window again', async () => {
  weir = await testWeir({ ownFiles: true });
  await weir.loadDimensions();
  const whole = await readFile(suiteFile(weir, 'fct_daily_sales'), 'utf8');
  await addExpectation(weir, 'fct_daily_sales', {
    type: 'expect_table_row_count_to_be_between',
    kwargs: { min_value: 1_000 },
    severity: 'critical',
  });
  await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
  const run = await weir.run('hourly', { asOf: AS_OF, holdFor: '1s' });
  const failure: unknown = await run.result().catch((error: unknown) => error);
  expect(failure).toMatchObject({ cause: { type: 'GateHeld' } });
  const held = await candidates();
  expect(held).toHaveLength(1);

  const early = await keepHouse({ chores: ['leases', 'candidates'] });
  expect(early.chores['leases']?.left).toEqual([
    `fct_daily_sales: ${run.workflowId} may be reset, its hold has expired`,
  ]);
  expect(await candidates()).toEqual(held);
  await sql`update control.load set staged_at = now() - interval '8 days' where candidate = ${held[0] ?? ''}`.execute(
    weir.database.admin,
  );
  const told = await keepHouse({ chores: ['candidates'], dryRun: true });
  expect(told.chores['candidates']?.done).toEqual([
    expect.stringContaining(`candidate.${held[0]}: would drop it`),
  ]);
  expect(await candidates()).toEqual(held);
  await keepHouse();
  expect(await candidates()).toEqual([]);
  expect(await leases()).toEqual(['fct_daily_sales']);

  // What arrives later is not in the window that was recorded.
  await writeFile(suiteFile(weir, 'fct_daily_sales'), whole);
  const event =
    failure instanceof WorkflowFailedError
      ? /reset this run to event (\d+)/.exec(failure.cause?.message ?? '')
      : null;
  await resetTo(run, Number(event?.[1]));
  const result = await weir.temporal.client.workflow.getHandle(run.workflowId).result();
  expect(result).toMatchObject({ models: { fct_daily_sales: { state: 'published' } } });
  const { rows } = await sql`
    select (select sum(transaction_count)::int from gold.fct_daily_sales) as sold, state, attempt, count(*) over () as loads
    from control.load where model = 'fct_daily_sales'`.execute(weir.database.admin);
  expect(rows).toEqual([{ sold: 8, state: 'published', attempt: 2, loads: 1 }]);
  expect(await leases()).toEqual([]);
});

async function resetTo(run: Run, eventId: number): Promise<void> {
  const { client, namespace } = weir.temporal;
  await client.workflowService.resetWorkflowExecution({
    namespace,
    workflowExecution: { workflowId: run.workflowId, runId: (await run.describe()).runId },
    workflowTaskFinishEventId: Long.fromNumber(eventId),
    requestId: crypto.randomUUID(),
    reason: 'test',
    resetReapplyType: ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
  });
}

it('frees what a terminated run had; nobody is shown its gate as held, and weir prints what was done', async () => {
  weir = await testWeir();
  const weirSays = await sayOf(weir);
  await weir.loadDimensions();
  await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9, { store_id: null }));
  const run = await weir.run('hourly', { asOf: AS_OF });
  await weir.heldVerdict('stg_transactions');
  expect((await weirSays('gate', 'list')).code).toBe(1);
  expect((await weirSays('housekeeping', '--chores', 'leases')).out).toBe('leases: nothing to do\n');
  await run.terminate('test');
  await sql`create table candidate.stg_transactions_999_1 as select 1 as n`.execute(
    weir.database.databases.loader,
  );
  expect(await weirSays('gate', 'list')).toEqual({ code: 0, out: 'no gate is held\n', err: '' });

  const look = await weirSays('housekeeping', '--dry-run', '--chores', 'candidates,leases');
  expect(look.out).toBe(
    'nothing was changed; a housekeeping now:\n' +
      `leases: stg_transactions: would free the lease of ${run.workflowId}, which has ended\n` +
      'candidates: candidate.stg_transactions_999_1: would drop it, no open load has it\n',
  );
  expect(await leases()).toEqual(['stg_transactions']);
  const done = await weirSays('housekeeping', '--json');
  expect(done).toMatchObject({ code: 0, err: expect.stringContaining('started housekeeping-by-hand-') });
  expect(JSON.parse(done.out)).toMatchObject({
    dryRun: false,
    chores: {
      leases: { done: [`stg_transactions: freed the lease of ${run.workflowId}, which has ended`] },
      candidates: { done: ['candidate.stg_transactions_999_1: dropped, no open load has it'] },
    },
  });
  expect([await leases(), await candidates()]).toEqual([[], []]);
  expect(await weirSays('housekeeping', '--chores', 'dusting')).toMatchObject({
    code: 3,
    err: expect.stringContaining('There are partitions, books,'),
  });
});
