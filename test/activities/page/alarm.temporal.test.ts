import { randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ControlTables } from '../../../activities/databases.ts';
import { createPage, type AlarmPage, type PageDeps } from '../../../activities/page.ts';
import { until } from '../../poll.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { testPager, type TestPager } from '../../workflows/incident-worker.ts';

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

const page = (input: AlarmPage) => createPage(deps).page(input);

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

function alarm(changes: Partial<AlarmPage> = {}): AlarmPage {
  return {
    ...{ kind: 'alarm', state: 'raised', alarm: 'freshness', subject: 'fct_late', occasion: randomUUID() },
    ...{
      severity: 'critical',
      summary: 'fct_late is 90 minutes old, promised: 75',
      details: { age: '90 min' },
    },
    ...{ owner: 'store-data', tier: 1, runbook: 'docs/runbooks/freshness.md', run: null },
    ...{ relation: 'fct_late', because: null },
    ...changes,
  };
}

test('an alarm opens one incident however often it is raised, and resolves it when cleared', async () => {
  const key = `weir/${deps.environment}/fct_late/freshness`;
  const raised = alarm();
  expect(await page(raised)).toEqual({ incident: key });
  await page(raised);
  const opened = await incident(key, 'triggered', 1);
  expect(opened).toMatchObject({
    severity: 'critical',
    custom_details: { age: '90 min', owner: 'store-data' },
  });
  expect(await row(key)).toMatchObject({ state: 'open', kind: 'freshness' });
  expect(await page(alarm({ state: 'cleared', summary: 'fct_late is fresh again' }))).toEqual({
    incident: key,
  });
  await incident(key, 'resolved', 2);
  expect(await page(alarm({ state: 'cleared' }))).toEqual({ incident: null });
});

test('an alarm that was raised and cleared is news to nobody where both are told again, by a monitor that was begun anew', async () => {
  const key = `weir/${deps.environment}/ended/runEnded`;
  const raised = alarm({ alarm: 'runEnded', subject: 'ended', relation: null });
  const cleared: AlarmPage = { ...raised, state: 'cleared' };
  await page(raised);
  await page(cleared);
  await incident(key, 'resolved', 2);
  expect(await page(raised)).toEqual({ incident: null });
  expect(await page(cleared)).toEqual({ incident: null });
  expect(await row(key)).toMatchObject({ state: 'resolved', opening: 1 });
  expect(await page({ ...raised, occasion: 'another' })).toEqual({ incident: key });
});

test('that the database cannot be reached is told and resolved without it', async () => {
  const key = `weir/${deps.environment}/postgres/databaseUnreachable`;
  const away = (): Promise<never> => Promise.reject(new Error('connect ECONNREFUSED'));
  const loader = new Kysely<ControlTables>({
    dialect: new PostgresDialect({ pool: away }),
  });
  const without = createPage({ ...deps, databases: { ...database.databases, loader } });
  const unreachable = alarm({ alarm: 'databaseUnreachable', subject: 'postgres', relation: null });
  expect(await without.page(unreachable)).toEqual({ incident: key });
  await incident(key, 'triggered', 1);
  expect(await without.page({ ...unreachable, state: 'cleared' })).toEqual({ incident: key });
  await incident(key, 'resolved', 2);
  await deps.client.workflow.getHandle(`incident/${key}`).result();
  expect(await without.page({ ...unreachable, state: 'cleared' })).toEqual({ incident: null });
});

test('that the database answers again is told although the workflow of its incident has failed', async () => {
  const key = `weir/${deps.environment}/elsewhere/databaseUnreachable`;
  const unreachable = alarm({ alarm: 'databaseUnreachable', subject: 'elsewhere', relation: null });
  await page(unreachable);
  await incident(key, 'triggered', 1);
  // As one that could not tell somebody else.
  await deps.client.workflow.getHandle(`incident/${key}`).terminate();
  expect(await page({ ...unreachable, state: 'cleared' })).toEqual({ incident: key });
  await incident(key, 'resolved', 2);
});
