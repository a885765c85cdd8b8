import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../poll.ts';
import { watchSite, type WatchSite } from './site.ts';

let site: WatchSite;
beforeAll(async () => {
  site = await watchSite();
  await site.startWorker('broken');
});
afterAll(() => site.close());

const client = () => site.temporal.client.workflow;

/** A parent with a child that both wait. */
async function family(): Promise<{ readonly parentId: string; readonly childId: string }> {
  const [parentId, childId] = [`parent-${randomUUID()}`, `child-${randomUUID()}`];
  await client().start('keepsChild', {
    taskQueue: site.temporal.taskQueue,
    workflowId: parentId,
    args: [childId],
  });
  await until(
    async () =>
      (await client()
        .getHandle(childId)
        .describe()
        .catch(() => null)) !== null,
    {
      what: 'the child runs',
      timeoutMs: 60_000,
    },
  );
  return { parentId, childId };
}

/** The lines of the round that has seen a run end. */
const lineAbout = (workflowId: string) =>
  until(
    async () => {
      const { pages, lines } = await site.round();
      expect(pages).toEqual([]);
      return lines.find((line) => line.includes(workflowId) && line.includes('was terminated'));
    },
    { what: `the end of ${workflowId} is seen`, timeoutMs: 60_000 },
  );

test('an interval whose backfill goes on is told by that; one whose backfill has ended is told', async () => {
  const { parentId, childId } = await family();
  await client().getHandle(childId).terminate('not this hour');
  expect(await lineAbout(childId)).toBe(`daily: ${childId} was terminated; ${parentId} tells of it`);
  await client().getHandle(parentId).terminate('enough');

  const orphan = await family();
  await client().getHandle(orphan.parentId).terminate('enough');
  await client().getHandle(orphan.childId).terminate('this one too');
  expect(await site.untilTold('the orphan')).toMatchObject([
    { state: 'raised', alarm: 'runEnded', subject: 'daily', run: { workflowId: orphan.childId } },
  ]);
});

test('a monitor that was ended is back, since it looks: nobody is woken', async () => {
  const workflowId = `freshness-monitor-${randomUUID()}`;
  await client().start('freshnessMonitor', {
    taskQueue: site.temporal.taskQueue,
    workflowId,
    startDelay: '1 hour',
  });
  await client().getHandle(workflowId).terminate('by mistake');
  expect(await site.untilTold('its end')).toMatchObject([
    { severity: 'warning', subject: 'freshness-monitor', run: { workflowId } },
  ]);
  expect(await site.rounds(2)).toEqual([]);
});

test('an incident’s workflow that was ended is told by its own id, until another run has its events', async () => {
  const workflowId = `incident/weir/${site.temporal.taskQueue}/stg_transactions/transactions`;
  const start = () =>
    client().start('incident', { taskQueue: site.temporal.taskQueue, workflowId, startDelay: '1 hour' });
  await start();
  await client().getHandle(workflowId).terminate('by mistake');
  expect(await site.untilTold('the incident')).toMatchObject([
    {
      state: 'raised',
      subject: workflowId,
      runbook: 'docs/runbooks/run-ended.md#incident',
      run: { workflowId },
    },
  ]);
  await start();
  expect(await site.untilTold('the next one')).toMatchObject([{ state: 'cleared', subject: workflowId }]);
  await client().getHandle(workflowId).terminate('the test is over');
});

test('a look that fails stops none of the others, and says so', async () => {
  const { database } = site;
  const { createWatch } = await import('../../../activities/watch.ts');
  const { watch } = createWatch({
    databases: database.databases,
    client: site.temporal.client,
    environment: 'test',
    taskQueue: site.temporal.taskQueue,
    scheduleSights: () => Promise.reject(new Error('the scheduler is away')),
  });
  const { lines } = await watch();
  expect(lines).toContain('could not look for schedules: the scheduler is away');
  expect(lines.some((line) => /^(1 open run|\d+ open runs) looked at/.test(line))).toBe(true);
});
