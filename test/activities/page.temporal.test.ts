import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createPage,
  type GateFailedPage,
  type GateHeldPage,
  type GatePassedPage,
  type PageDeps,
} from '../../activities/page.ts';
import { freshDatabase, type FreshDatabase } from '../setup/database.ts';
import { testPager, type TestPager } from '../workflows/incident-worker.ts';
import { until } from '../poll.ts';
import { failingVerdict } from './page/verdict.ts';

let database: FreshDatabase;
let pager: TestPager;
let deps: PageDeps;
beforeAll(async () => {
  [database, pager] = await Promise.all([freshDatabase(), testPager()]);
  await pager.start();
  deps = {
    databases: database.databases,
    client: pager.temporal.client,
    environment: `test-${randomUUID().slice(0, 8)}`,
    taskQueue: pager.temporal.taskQueue,
    links: { temporalUi: 'http://localhost:8233', namespace: pager.temporal.namespace },
    retry: { firstRetryMs: 100 },
  };
});
afterAll(async () => {
  await pager.close();
  await database.drop();
});

const page = (input: Parameters<ReturnType<typeof createPage>['page']>[0]) => createPage(deps).page(input);
const run = { workflowId: 'hourly-2017-01-02T11', runId: randomUUID() };

function held(model: string, changes: Partial<GateHeldPage['verdict']> = {}): GateHeldPage {
  return {
    kind: 'gateHeld',
    verdict: failingVerdict({ model, verdictId: randomUUID(), loadId: 1, ...changes }),
    model: { name: model, owner: 'store-data', runbook: null, downstream: ['fct_daily_sales'] },
    run,
    holdUntil: '2017-01-02T23:00:00.000Z',
  };
}

function passed(model: string, changes: Partial<GatePassedPage> = {}): GatePassedPage {
  return {
    kind: 'gatePassed',
    model,
    gate: 'input',
    suite: 'transactions',
    verdictId: randomUUID(),
    run,
    ...changes,
  };
}

async function row(dedupKey: string) {
  return database.admin
    .selectFrom('control.incident')
    .selectAll()
    .where('dedup_key', '=', dedupKey)
    .executeTakeFirst();
}

function incident(dedupKey: string, status: string, entries: number) {
  return until(
    async () =>
      (await pager.incidents(dedupKey)).find(
        (one) => one.status === status && one.log_entries.length === entries,
      ),
    { what: `${dedupKey} is ${status} with ${entries} entries`, timeoutMs: 60_000 },
  );
}

async function evaluate(model: string, outcome: 'pass' | 'fail', at: string): Promise<void> {
  await database.admin
    .insertInto('control.gate_run')
    .values({
      verdict_id: randomUUID(),
      load_id: null,
      model,
      gate: 'input',
      suite: 'transactions',
      suite_hash: 'h',
      outcome,
      rows_checked: 57,
      expectations_evaluated: 8,
      expectations_failed: outcome === 'fail' ? 4 : 0,
      as_of: at,
      workflow_id: run.workflowId,
      run_id: run.runId,
      evaluated_at: at,
    })
    .execute();
}

async function publishLoad(model: string, asOf: string): Promise<void> {
  await database.admin
    .insertInto('control.load')
    .values({
      model,
      pipeline: `${model}-pipeline`,
      workflow_id: run.workflowId,
      run_id: run.runId,
      state: 'published',
      read_window: '{}',
      system_identifier: '1',
      timeline: 1,
      as_of: asOf,
      sql_hash: 'h',
      candidate: null,
      target_publishes: null,
      rows_read: 1,
      rows_staged: 1,
      rows_superseded: 0,
      rows_left_out: 0,
      keys_touched: null,
      rows_inserted: 1,
      rows_updated: 0,
      rows_unchanged: 0,
      rows_deleted: 0,
      columns_hash: null,
      override_verdict_id: null,
      staged_at: new Date(asOf),
      published_at: new Date(asOf),
    })
    .execute();
}

test('opens one incident a gate with since when and the last good load, and resolves it on a pass', async () => {
  const model = 'stg_one';
  const key = `weir/${deps.environment}/${model}/transactions`;
  await evaluate(model, 'fail', '2017-01-01T05:00:00Z');
  await evaluate(model, 'pass', '2017-01-02T10:00:00Z');
  await evaluate(model, 'fail', '2017-01-02T11:00:05Z');
  await evaluate(model, 'fail', '2017-01-02T12:00:05Z');
  await publishLoad(model, '2017-01-02T10:00:00Z');

  expect(await page(held(model))).toEqual({ incident: key });
  const opened = await incident(key, 'triggered', 1);
  expect(opened.custom_details).toMatchObject({
    since: '2017-01-02T11:00:05.000Z',
    last_good_load: expect.stringContaining('stg_one as of 2017-01-02T10:00:00.000Z'),
  });
  expect(await row(key)).toMatchObject({ state: 'open', model, suite: 'transactions', kind: 'gateHeld' });

  expect(await page(passed(model))).toEqual({ incident: key });
  await incident(key, 'resolved', 2);
  expect(await row(key)).toMatchObject({ state: 'resolved', resolved_at: expect.any(Date) });
});

test('24 failing hours are one incident, whose beginning stays', async () => {
  const model = 'stg_day';
  const key = `weir/${deps.environment}/${model}/transactions`;
  await page(held(model));
  const first = await row(key);
  let last = '';
  for (let hour = 1; hour < 24; hour++) {
    last = randomUUID();
    await page(held(model, { verdictId: last }));
  }
  await until(async () => JSON.stringify(await pager.incidents(key)).includes(last), {
    what: 'what to press is that of the newest verdict',
    timeoutMs: 60_000,
  });
  const told = await pager.incidents(key);
  expect(told).toMatchObject([{ status: 'triggered' }]);
  expect(JSON.stringify(told)).toContain('24 times since ');
  expect(await row(key)).toMatchObject({
    opened_at: first?.opened_at,
    first_failed_at: first?.first_failed_at,
    verdict_id: first?.verdict_id,
    last_verdict_id: last,
    failures: 24,
    opening: 1,
  });
  await page(passed(model));
  await until(async () => JSON.stringify(await pager.incidents(key)).includes('had failed 24 times in '), {
    what: 'the resolve says how often it failed',
    timeoutMs: 60_000,
  });
});

test('what fails again and leaves nothing else to press is counted and not sent', async () => {
  const model = 'stg_goes_on';
  const key = `weir/${deps.environment}/${model}/transactions`;
  const goesOn = (): GateFailedPage => {
    const { verdict, model: about, run: by } = held(model);
    return { kind: 'gateFailed', verdict, model: about, run: by, quarantined: 0 };
  };
  for (let hour = 0; hour < 5; hour++) await page(goesOn());
  await incident(key, 'triggered', 1);
  expect(await row(key)).toMatchObject({ failures: 5, kind: 'gateFailed' });
  await page(passed(model));
  const { log_entries } = await incident(key, 'resolved', 2);
  expect(log_entries.map(({ type }) => type)).toEqual(['trigger', 'resolve']);
});

test('a batch that is given up leaves its incident open, which says who and why', async () => {
  const model = 'stg_abandoned';
  const key = `weir/${deps.environment}/${model}/transactions`;
  const first = held(model);
  await page(first);
  const by = { decision: 'abandon', reason: 'the till is down until Monday', decidedBy: 'Ada' };
  const { verdictId, gate, suite } = first.verdict;
  expect(await page({ kind: 'gateAbandoned', model, gate, suite, verdictId, run, by })).toEqual({
    incident: key,
  });
  const { log_entries } = await incident(key, 'triggered', 2);
  expect(log_entries[1]?.summary).toContain('abandoned by Ada: the till is down until Monday');
  expect(await page({ kind: 'gateAbandoned', model: 'never', gate, suite, verdictId, run, by })).toEqual({
    incident: null,
  });
});

test('a warning is a change event and opens nothing', async () => {
  const model = 'stg_warned';
  const key = `weir/${deps.environment}/${model}/transactions`;
  const { verdict, model: about } = held(model, { outcome: 'warn' });
  await page({ kind: 'gateWarned', verdict, model: about, run });
  await deps.client.workflow.getHandle(`incident/${key}`).result();
  expect(await pager.incidents(key)).toEqual([]);
  expect(await row(key)).toBeUndefined();
});

test('a retried activity adds nothing', async () => {
  const model = 'stg_retried';
  const key = `weir/${deps.environment}/${model}/transactions`;
  const input = held(model);
  await page(input);
  await page(input);
  await page(passed(model));
  const { log_entries } = await incident(key, 'resolved', 2);
  expect(log_entries.map(({ type }) => type)).toEqual(['trigger', 'resolve']);
});

test('a pass with no open incident tells nobody', async () => {
  const requests = await pager.taken();
  expect(await page(passed('stg_never_failed'))).toEqual({ incident: null });
  expect(await page({ kind: 'runSucceeded', pipeline: 'never-failed', run })).toEqual({ incident: null });
  expect(await pager.taken()).toEqual(requests);
});

test('an override resolves by name and reason, and the next failure opens a new incident from its own beginning', async () => {
  const model = 'stg_overridden';
  const key = `weir/${deps.environment}/${model}/transactions`;
  await evaluate(model, 'fail', '2017-01-02T11:00:05Z');
  const first = held(model);
  await page(first);
  const by = { decision: 'overrideGate', reason: 'the till of store 7 was replaced', decidedBy: 'Ada' };
  await page(passed(model, { verdictId: first.verdict.verdictId, by }));
  const { log_entries } = await incident(key, 'resolved', 2);
  expect(log_entries[1]?.summary).toContain('overrideGate by Ada: the till of store 7 was replaced');
  await page(held(model));
  await incident(key, 'triggered', 1);
  expect((await row(key))?.first_failed_at.getTime()).toBeGreaterThan(Date.parse('2017-01-03'));
  expect(await row(key)).toMatchObject({ state: 'open', resolved_at: null });
});

test('a failed run opens an incident of its pipeline, and a run that goes through resolves it', async () => {
  const key = `weir/${deps.environment}/hourly/run`;
  await page({
    kind: 'runFailed',
    pipeline: 'hourly',
    run,
    failure: 'extract raw_transactions: SQLSTATE 53100',
  });
  const opened = await incident(key, 'triggered', 1);
  expect(opened).toMatchObject({
    severity: 'error',
    summary: 'hourly load failed: extract raw_transactions: SQLSTATE 53100',
  });
  expect(await page({ kind: 'runSucceeded', pipeline: 'hourly', run })).toEqual({ incident: key });
  await incident(key, 'resolved', 2);
});

test('an incident that could not be handed over stays as it was, so that a retry does it again', async () => {
  const model = 'stg_unreachable';
  const key = `weir/${deps.environment}/${model}/transactions`;
  await page(held(model));
  await incident(key, 'triggered', 1);
  const client = new Client({
    connection: pager.temporal.connection,
    namespace: pager.temporal.namespace,
    interceptors: { workflow: [{ signalWithStart: () => Promise.reject(new Error('Temporal is away')) }] },
  });
  await expect(createPage({ ...deps, client }).page(passed(model))).rejects.toThrow('Temporal is away');
  expect(await row(key)).toMatchObject({ state: 'open' });
  await expect(createPage({ ...deps, client }).page(held('stg_away'))).rejects.toThrow('Temporal is away');
  expect(await row(`weir/${deps.environment}/stg_away/transactions`)).toBeUndefined();
  await page(passed(model));
  await incident(key, 'resolved', 2);
});
