import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import type { AlarmPage } from '../../activities/page.ts';
import type { LocalPostgres } from '../../infra/local/postgres.ts';
import { ensureMonitor } from '../../workers/monitor.ts';
import { until } from '../poll.ts';
import { ownPostgres } from '../setup/database.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

/*
 * What fails without being able to say so, from its end to on-call and back, through the monitor, the page, the incident
 * and the service. A round of the monitor takes a moment instead of a minute.
 */
let weir: TestWeir;
let postgres: LocalPostgres | null = null;
let monitorId = '';
afterEach(async () => {
  await weir.temporal.client.workflow.getHandle(monitorId).terminate('the test is over');
  await weir.close();
  await postgres?.stop();
  postgres = null;
}, 90_000);

/** Starts the monitor, or the one that takes the place of one that was ended. */
async function startMonitor(): Promise<void> {
  const { client, taskQueue } = weir.temporal;
  const order = { client, taskQueue, workflowId: monitorId, log: () => undefined };
  await ensureMonitor({ ...order, input: { everyMs: 200, roundsPerRun: 10 } });
}

async function begin(options: Parameters<typeof testWeir>[0] = {}): Promise<void> {
  weir = await testWeir(options);
  monitorId = `freshness-monitor-${randomUUID()}`;
  await startMonitor();
  await until(
    async () => {
      const mark = await weir.database.admin.selectFrom('control.watch_mark').select('at').executeTakeFirst();
      return mark !== undefined;
    },
    { what: 'the first round has been', timeoutMs: 60_000 },
  );
}

const incidentOf = async (key: string) =>
  (await weir.incidents()).filter(({ dedupKey }) => dedupKey.endsWith(key));

const statusOf = (key: string, status: string) =>
  until(async () => (await incidentOf(key)).find((one) => one.status === status), {
    what: `${key} is ${status}`,
    timeoutMs: 150_000,
  });

it('a run that somebody terminates is one incident, whatever happens to monitor and worker, until the next goes through', async () => {
  await begin();
  await weir.loadDimensions();
  const { client, taskQueue } = weir.temporal;
  const run = await client.workflow.start('hourlyIncrementalLoad', {
    taskQueue,
    workflowId: `hourly-${randomUUID()}`,
    startDelay: '1 hour',
  });
  await run.terminate('the source is being moved');
  const opened = await statusOf('/hourly/runEnded', 'triggered');
  expect(opened.summary).toContain('the source is being moved');
  // Neither a monitor that was ended nor a worker that was gone tells it again.
  await client.workflow.getHandle(monitorId).terminate('by mistake');
  await startMonitor();
  await weir.stopWorker();
  await weir.startWorker();
  const second = await client.workflow.start('hourlyIncrementalLoad', {
    taskQueue,
    workflowId: `hourly-${randomUUID()}`,
    startDelay: '1 hour',
  });
  await second.terminate('that one too');
  await until(
    async () => {
      const pages = await weir.database.admin.selectFrom('control.watch_page').selectAll().execute();
      // The two runs, and the monitor's own end, which wakes nobody.
      return pages.length === 3 && pages.every(({ told_at: toldAt }) => toldAt !== null);
    },
    { what: 'all is told', timeoutMs: 60_000 },
  );
  expect(await incidentOf('/hourly/runEnded')).toHaveLength(1);

  await (await weir.run('hourly')).result();
  await statusOf('/hourly/runEnded', 'resolved');
  expect(await incidentOf('/hourly/runEnded')).toHaveLength(1);
  expect(await incidentOf('/freshness-monitor/runEnded')).toEqual([]);
}, 240_000);

it('a page that Postgres refuses to write down is given up loudly, and keeps none behind it from being told', async () => {
  await begin();
  const { admin } = weir.database;
  const page = (subject: string, changes: Partial<AlarmPage> = {}): AlarmPage => ({
    ...{ kind: 'alarm', state: 'raised', alarm: 'runEnded', subject, occasion: randomUUID() },
    ...{ severity: 'error', summary: `${subject} ended`, details: {}, owner: null, tier: null },
    ...{ runbook: 'docs/runbooks/run-ended.md', run: null, relation: null, because: null },
    ...changes,
  });
  // Longer than an index of Postgres takes, and nothing that it could make shorter.
  const occasion = Array.from({ length: 120 }, () => randomUUID()).join('');
  await admin
    .insertInto('control.watch_page')
    .values([
      { page: JSON.stringify(page('refused', { occasion })) },
      { page: JSON.stringify(page('refused', { occasion, state: 'cleared' })) },
      { page: JSON.stringify(page('behind')) },
    ])
    .execute();
  expect((await statusOf('/behind/runEnded', 'triggered')).summary).toBe('behind ended');
  expect(await incidentOf('/refused/runEnded')).toEqual([]);
  await until(
    async () => {
      const pages = await admin.selectFrom('control.watch_page').select('told_at').execute();
      return pages.every(({ told_at: toldAt }) => toldAt !== null);
    },
    { what: 'none is given again', timeoutMs: 60_000 },
  );
  const givenUp = await admin
    .selectFrom('control.page_delivery')
    .select(['dedup_key', 'notifier', 'action', 'reason'])
    .where('state', '=', 'undelivered')
    .execute();
  expect(givenUp).toEqual([
    {
      dedup_key: expect.stringMatching(/\/refused\/runEnded$/),
      notifier: 'postgres',
      action: 'trigger',
      reason: 'the incident could not be written down (SQLSTATE 54000); it says, error: refused ended',
    },
  ]);
}, 240_000);

it('a Postgres that is away is told without it, and resolves when it answers', async () => {
  postgres = await ownPostgres({ durable: true });
  await begin({ postgres });
  await postgres.stopHard();
  const told = await statusOf('/databaseUnreachable', 'triggered');
  expect(told.summary).toMatch(/^Postgres does not answer since .*: nothing is loaded/);
  expect(told.text).toContain('docs/runbooks/database-unreachable.md');
  await postgres.restart();
  await statusOf('/databaseUnreachable', 'resolved');
  expect(await incidentOf('/databaseUnreachable')).toHaveLength(1);
}, 240_000);

it('a Postgres that hangs is told as one that is away', async () => {
  postgres = await ownPostgres({ durable: true });
  await begin({ postgres });
  const all = [postgres.pid(), ...childrenOf(postgres.pid())];
  try {
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    const told = await statusOf('/databaseUnreachable', 'triggered');
    expect(told.summary).toContain('no answer within 5 s');
  } finally {
    for (const pid of all) process.kill(pid, 'SIGCONT');
  }
  await statusOf('/databaseUnreachable', 'resolved');
}, 300_000);

function childrenOf(pid: number): number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return listed === '' ? [] : listed.split(' ').map(Number);
}
