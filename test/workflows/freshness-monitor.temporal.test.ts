import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MonitorInput } from '../../workflows/monitor/input.ts';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

/*
 * A minute of these tests is a round of the monitor: its clock is given, and goes a minute a round.
 */
let weir: TestWeir;

const silver = 'stg_transactions';
const MODELS = [
  ...[silver, 'stg_inventory', 'stg_pos_events', 'fct_daily_sales', 'inventory_realtime'],
  ...['dim_stores', 'dim_stores_history', 'dim_products', 'dim_products_history'],
];

/** The clock of the first round: everything was published a little more than an hour before. */
const FROM = new Date(Math.floor(Date.now() / 60_000) * 60_000);

beforeEach(async () => {
  weir = await testWeir();
  // Six good hours: what follows is short beside them, and soon over.
  await sql`insert into control.freshness_sample (model, sampled_at, age_seconds, objective_seconds, is_good)
    select model, ${FROM}::timestamptz - make_interval(mins => n), 60, 4500, true
    from unnest(${MODELS}::text[]) as model, generate_series(1, 360) as n`.execute(weir.database.admin);
}, 120_000);
afterEach(() => weir.close(), 60_000);

async function published(at: Date, models: readonly string[] = MODELS): Promise<void> {
  await sql`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline, as_of,
      sql_hash, opened_at, published_at)
    select model, 'hourly', 'earlier', 'r', 'published', '{"kind":"arrival"}', '1', 1, now(), 'h', ${at}, ${at}
    from unnest(${[...models]}::text[]) as model`.execute(weir.database.admin);
}

const later = (minutes: number) => new Date(FROM.getTime() + minutes * 60_000);

async function start(input: MonitorInput) {
  return await weir.temporal.client.workflow.start('freshnessMonitor', {
    taskQueue: weir.temporal.taskQueue,
    workflowId: `freshness-monitor-${randomUUID()}`,
    args: [{ from: FROM.toISOString(), everyMs: 50, ...input }],
  });
}

async function incidentsOf(alarm: string) {
  return (await weir.incidents()).filter(({ dedupKey }) => dedupKey.endsWith(`/${alarm}`));
}

/** What the monitor's clock showed last. */
async function shown(): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`
    select max(sampled_at) as at from control.freshness_sample`.execute(weir.database.admin);
  return rows[0]?.at ?? FROM;
}

async function samplesOf(model: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from control.freshness_sample where model = ${model}`.execute(weir.database.admin);
  return rows[0]?.n ?? 0;
}

it('a model that grows old pages once, and resolves by itself, over runs and a worker that is gone for a while', async () => {
  await published(later(-72));
  const handle = await start({ roundsPerRun: 6 });
  const opened = await until(
    async () => (await incidentsOf('freshness')).find(({ dedupKey }) => dedupKey.includes(silver)),
    {
      what: 'the page',
      timeoutMs: 60_000,
    },
  );
  expect(opened).toMatchObject({ status: 'triggered', summary: expect.stringContaining('Nobody runs it') });
  await weir.stopWorker();
  await weir.startWorker();
  const before = await samplesOf(silver);
  await until(async () => (await samplesOf(silver)) > before + 8, {
    what: 'rounds go on',
    timeoutMs: 60_000,
  });
  const details = await until(() => detailsOf(handle.workflowId), { what: 'details', timeoutMs: 30_000 });
  expect(details).toMatch(/\| stg_transactions \| 1 h .* \| \*\*burning\*\* \| nobody runs it: /);

  await published(await shown());
  await until(
    async () =>
      (await incidentsOf('freshness')).find(
        ({ dedupKey, status }) => dedupKey.includes(silver) && status === 'resolved',
      ),
    { what: 'it resolves', timeoutMs: 90_000 },
  );
  expect((await incidentsOf('freshness')).filter(({ dedupKey }) => dedupKey.includes(silver))).toHaveLength(
    1,
  );
  const { runId } = await weir.temporal.client.workflow.getHandle(handle.workflowId).describe();
  expect(runId).not.toBe(handle.firstExecutionRunId);
  const first = weir.temporal.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
  await keepHistory('monitor', first);
  await handle.terminate();
}, 240_000);

async function detailsOf(workflowId: string): Promise<string> {
  const { currentDetails = '' } = await weir.temporal.client.workflow
    .getHandle(workflowId)
    .query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
  return currentDetails;
}

it('a held gate explains what grows old by it: nobody is woken twice, and when it is released all of it ends', async () => {
  await weir.loadDimensions();
  await weir.land('transactions/2017-01-02T08.jsonl', [
    ...baskets(1, 9),
    basket(9, { total_amount: '100000.01' }),
  ]);
  const run = await weir.run('hourly', { asOf: AS_OF });
  const verdictId = await weir.heldVerdict(silver);
  // What the hour before had published, as seen an hour and a quarter later.
  await published(later(-72));
  const handle = await start({ roundsPerRun: 30 });
  const alarms = async () =>
    (
      await sql<{ subject: string; state: string; because: string | null; told: boolean }>`
        select subject, state, because, told from control.objective_alarm where alarm = 'freshness'`.execute(
        weir.database.admin,
      )
    ).rows;
  const explained = [silver, 'fct_daily_sales'];
  const toldOf = async (): Promise<number> =>
    (await alarms()).filter(({ subject, told }) => told && explained.includes(subject)).length;
  await until(async () => (await toldOf()) === explained.length, {
    what: 'they are told',
    timeoutMs: 90_000,
  });
  const gate = await until(
    async () =>
      (await weir.incidents()).find(({ dedupKey }) => /stg_transactions\/(?!freshness)/.test(dedupKey))
        ?.dedupKey,
    { what: 'the gate is paged', timeoutMs: 60_000 },
  );
  expect((await alarms()).filter(({ subject }) => explained.includes(subject))).toEqual([
    expect.objectContaining({ state: 'raised', because: gate }),
    expect.objectContaining({ state: 'raised', because: gate }),
  ]);
  expect(
    (await incidentsOf('freshness')).filter(({ dedupKey }) => /stg_transactions|fct_daily/.test(dedupKey)),
  ).toEqual([]);

  await run.executeUpdate(decisionUpdates.overrideGate, {
    args: [{ verdictId, reason: 'two real wholesale orders', by: 'Ada' }],
  });
  await run.result();
  await published(await shown());
  await until(async () => (await alarms()).every(({ state, told }) => state === 'cleared' && told), {
    what: 'all of it ends',
    timeoutMs: 120_000,
  });
  expect((await incidentsOf('freshness')).filter(({ status }) => status !== 'resolved')).toEqual([]);
  await keepHistory(
    'monitor-held',
    weir.temporal.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId),
  );
  await handle.terminate();
}, 300_000);

it('a source that stops is one incident with the models that grow old by it, and ends when it speaks and they are young', async () => {
  const { admin } = weir.database;
  // For eight weeks a file every half an hour, and this week until 55 minutes ago; runs that look and find nothing.
  const landed = (from: Date, to: Date) =>
    sql`insert into control.landing (source, file, revision, content_hash, size_bytes, modified_at, load_sequence, rows_landed,
        rows_rejected, workflow_id, landed_at)
      select 'raw_transactions', 'file ' || at, 1, 'h', 1, at, 1, 10, 0, 'w', at
      from generate_series(${from}::timestamptz, ${to}::timestamptz, interval '30 minutes') as at`.execute(
      admin,
    );
  for (let week = 1; week <= 8; week += 1)
    await landed(later(-week * 7 * 24 * 60 - 85), later(-week * 7 * 24 * 60 + 300));
  await landed(later(-85), later(-55));
  await published(later(-66));
  await sql`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline, as_of,
      sql_hash, opened_at, published_at, is_empty)
    select ${silver}, 'hourly', 'looks', 'r', 'empty', '{"kind":"arrival"}', '1', 1, now(), 'h', at, at, true
    from generate_series(${later(-30)}::timestamptz, ${later(300)}::timestamptz, interval '10 minutes') as at`.execute(
    admin,
  );
  const handle = await start({ roundsPerRun: 20 });
  const silent = async (status: string) =>
    until(async () => (await incidentsOf('sourceSilent')).find((one) => one.status === status), {
      what: `the silence is ${status}`,
      timeoutMs: 90_000,
    });
  const opened = await silent('triggered');
  expect(opened.summary).toMatch(
    /^raw_transactions has brought nothing since .*: in 8 of the last 8 weeks it had by now$/,
  );
  await until(
    async () =>
      (
        await sql`select from control.objective_alarm
          where subject = ${silver} and state = 'raised' and told and because = ${opened.dedupKey}`.execute(
          admin,
        )
      ).rows.length > 0,
    { what: 'the model that grows old by it is told there', timeoutMs: 90_000 },
  );
  expect((await incidentsOf('freshness')).filter(({ dedupKey }) => dedupKey.includes(silver))).toEqual([]);
  await landed(await shown(), await shown());
  // The incident is of both by then, and ends with the last of them.
  await published(await shown());
  await silent('resolved');
  await handle.terminate();
}, 300_000);
