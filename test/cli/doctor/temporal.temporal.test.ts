import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRepository } from '../../../activities/repository.ts';
import type { Check, Finding, Surroundings } from '../../../cli/doctor/check.ts';
import { clock } from '../../../cli/doctor/clock.ts';
import { monitor } from '../../../cli/doctor/monitor.ts';
import { pager } from '../../../cli/doctor/pager.ts';
import { schedules } from '../../../cli/doctor/schedules.ts';
import { searchAttributes } from '../../../cli/doctor/search-attributes.ts';
import { temporal } from '../../../cli/doctor/temporal.ts';
import { workers } from '../../../cli/doctor/workers.ts';
import type { LocalTemporal } from '../../../infra/local/temporal.ts';
import { ensureSearchAttributes } from '../../../infra/local/search-attributes.ts';
import { ensureMonitor, MONITOR_ID } from '../../../workers/monitor.ts';
import { applySchedules } from '../../../workers/schedules.ts';
import { until } from '../../poll.ts';
import { ownTemporal } from '../../setup/temporal.ts';
import { testWeir, type TestWeir } from '../../setup/weir.ts';
import { say } from '../say.ts';

/** Of its own: search attributes and schedules belong to a whole namespace, and here they are broken. */
let server: LocalTemporal;
let weir: TestWeir;
let surroundings: Surroundings;
let folder: string;
beforeAll(async () => {
  server = await ownTemporal();
  weir = await testWeir({ temporalServer: server });
  folder = mkdtempSync(path.join(tmpdir(), 'weir-doctor-'));
  writeFileSync(path.join(folder, 'ca.pem'), weir.standIn.ca);
  surroundings = {
    env: {},
    databaseUrl: null,
    database: null,
    temporal: weir.temporal,
    taskQueue: weir.settings.taskQueue,
    repository: null,
    refusals: [],
  };
}, 300_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await weir.close();
  await server.stop();
}, 60_000);

async function look(check: Check, more: Partial<Surroundings> = {}): Promise<readonly Finding[]> {
  return await check.run({ ...surroundings, ...more });
}

test('a Temporal that answers, with workers on every queue and the time of this machine', async () => {
  // A poll that has only begun is not told yet.
  await until(async () => (await look(workers)).every(({ level }) => level === 'ok'), {
    what: 'workers poll every queue',
    timeoutMs: 30_000,
  });
  for (const check of [temporal, searchAttributes, workers, clock])
    expect(await look(check)).toMatchObject([{ level: 'ok' }]);
});

test('no Temporal, and no such namespace', async () => {
  expect(await look(temporal, { temporal: null })).toMatchObject([
    { level: 'broken', found: expect.stringContaining('nothing answers at') },
  ]);
  expect(await look(temporal, { temporal: { ...weir.temporal, namespace: 'nowhere' } })).toMatchObject([
    { level: 'broken', mend: expect.stringContaining('temporal operator namespace create nowhere') },
  ]);
});

test('a monitor that runs, one that somebody ended, and one of another installation', async () => {
  expect(await look(monitor)).toMatchObject([
    { level: 'broken', found: 'nobody watches: the monitor has never run here' },
  ]);
  const { client, taskQueue } = weir.temporal;
  await ensureMonitor({ client, taskQueue, log: () => undefined });
  expect(await look(monitor)).toMatchObject([{ level: 'ok' }]);
  expect(await look(monitor, { taskQueue: 'elsewhere' })).toMatchObject([
    { level: 'broken', found: expect.stringContaining('so elsewhere is not watched') },
  ]);
  await client.workflow.getHandle(MONITOR_ID).terminate('the test is over');
  expect(await look(monitor)).toMatchObject([
    { level: 'broken', found: 'nobody watches: the monitor is terminated' },
  ]);
});

test('a search attribute that is not registered, or with another type', async () => {
  const { operatorService } = weir.temporal.connection;
  const { namespace } = weir.temporal;
  await operatorService.removeSearchAttributes({ namespace, searchAttributes: ['WeirModels'] });
  const missing = { level: 'broken', found: expect.stringContaining('WeirModels is not registered') };
  await until(async () => (await look(searchAttributes)).some(({ level }) => level === 'broken'), {
    what: 'the attribute is gone',
    timeoutMs: 20_000,
  });
  expect(await look(searchAttributes)).toMatchObject([missing]);
  await operatorService.addSearchAttributes({ namespace, searchAttributes: { WeirModels: 2 } });
  await until(async () => (await look(searchAttributes))[0]?.found.includes('registered as'), {
    what: 'the attribute has another type',
    timeoutMs: 20_000,
  });
  expect(await look(searchAttributes)).toMatchObject([
    { level: 'broken', found: 'WeirModels is registered as Keyword, and Weir needs KeywordList' },
  ]);
  await operatorService.removeSearchAttributes({ namespace, searchAttributes: ['WeirModels'] });
  await until(
    async () => {
      await ensureSearchAttributes(weir.temporal.connection, namespace);
      return (await look(searchAttributes))[0]?.level === 'ok';
    },
    { what: 'the attribute is there again', timeoutMs: 20_000 },
  );
});

test('queues that nobody serves', async () => {
  const [finding, ...more] = await look(workers, { taskQueue: 'another' });
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    level: 'broken',
    found:
      'nobody takes the tasks of another, another-load, another-gate, another-page: runs that come there wait',
  });
});

test('schedules that are missing, paused, or not what the code says', async () => {
  const { client } = weir.temporal;
  const { taskQueue } = weir.settings;
  const repository = await readRepository(weir.settings);
  expect(await look(schedules, { repository })).toContainEqual(
    expect.objectContaining({ level: 'warning', found: 'schedule hourly-incremental-load is missing' }),
  );
  await applySchedules(client, { taskQueue, paused: true });
  const paused = await look(schedules, { repository });
  expect(paused).toContainEqual(
    expect.objectContaining({ found: 'schedule housekeeping is paused: it starts nothing' }),
  );
  const handle = client.schedule.getHandle('housekeeping');
  await handle.update((previous) => ({
    ...previous,
    spec: { calendars: [{ hour: 7 }] },
    state: { paused: true },
  }));
  expect(await look(schedules, { repository })).toContainEqual(
    expect.objectContaining({
      level: 'warning',
      found: expect.stringContaining('schedule housekeeping differs: '),
      mend: '`weir schedules apply`',
    }),
  );
});

test('a pager that answers, one that does not, and no page', async () => {
  const env = {
    PAGERDUTY_ROUTING_KEY: weir.settings.pagerDuty.routingKey,
    WEIR_PAGERDUTY_SERVER: weir.standIn.server,
    WEIR_PAGERDUTY_CA_FILE: path.join(folder, 'ca.pem'),
  };
  expect(await look(pager, { env })).toMatchObject([
    { level: 'ok', found: expect.stringContaining('no page was sent') },
  ]);
  expect(await weir.incidents()).toEqual([]);
  expect(await look(pager, { env: { ...env, WEIR_PAGERDUTY_CA_FILE: undefined } })).toMatchObject([
    { level: 'broken', found: expect.stringContaining('cannot be reached') },
  ]);
  expect(await look(pager, { env: { ...env, WEIR_PAGERDUTY_SERVER: 'localhost:1' } })).toMatchObject([
    { level: 'broken', found: expect.stringContaining('ECONNREFUSED') },
  ]);
});

test('weir doctor never stops at the first, and ends with 3 where something is broken', async () => {
  const { settings } = weir;
  const { code, out, err } = await say(['doctor', '--json'], {
    DATABASE_URL: settings.databaseUrl,
    TEMPORAL_ADDRESS: 'localhost:1',
    WEIR_TASK_QUEUE: settings.taskQueue,
    WEIR_LANDING_FOLDER: settings.landingFolder,
    WEIR_MODELS_FOLDER: folder,
  });
  const examined: readonly { readonly check: string; readonly findings: readonly Finding[] }[] =
    JSON.parse(out);
  const levelOf = (check: string) => examined.find((one) => one.check === check)?.findings[0]?.level;
  expect(levelOf('postgres')).toBe('ok');
  expect(levelOf('temporal')).toBe('broken');
  expect(levelOf('workers')).toBe('skipped');
  expect(levelOf('clock')).toBe('ok');
  expect(levelOf('pager')).toBe('skipped');
  expect({ code, err }).toEqual({ code: 3, err: '' });
  // Every finding that is not well says what mends it.
  for (const { findings } of examined)
    for (const { level, mend } of findings) expect(mend === null).toBe(level === 'ok' || level === 'skipped');
});
