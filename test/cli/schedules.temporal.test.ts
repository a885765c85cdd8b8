import { ScheduleOverlapPolicy } from '@temporalio/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LocalTemporal } from '../../infra/local/temporal.ts';
import { until } from '../poll.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { say, type Said } from './say.ts';

// Schedules have one name a namespace: on the server that tests share, two of them would meet.
let temporalServer: LocalTemporal;
let weir: TestWeir;
beforeAll(async () => {
  temporalServer = await ownTemporal();
  weir = await testWeir({ temporalServer });
}, 300_000);
afterAll(async () => {
  await weir.close();
  await temporalServer.stop();
});

const HOUR_MS = 3_600_000;
const HOURLY = 'hourly-incremental-load';

const schedules = (...args: string[]): Promise<Said> => says('schedules', ...args);

function says(...args: string[]): Promise<Said> {
  const { settings, temporal } = weir;
  return say(args, {
    DATABASE_URL: settings.databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    WEIR_TASK_QUEUE: settings.taskQueue,
  });
}

const hourly = () => weir.temporal.client.schedule.getHandle(HOURLY);
const HOUR = Math.floor(Date.now() / HOUR_MS);
const hourAgo = (hours: number): string => new Date((HOUR - hours) * HOUR_MS).toISOString();

it(
  'diff and apply: missing, unchanged, changed by hand in every way, and unknown',
  { timeout: 300_000 },
  async () => {
    expect(await schedules('diff')).toMatchObject({
      code: 2,
      out: [HOURLY, 'daily-dimension-refresh', 'housekeeping']
        .map((id) => `${id}: missing\n  the server does not have it\n`)
        .join(''),
    });
    expect(await schedules('apply', '--paused')).toMatchObject({
      code: 0,
      out: `${HOURLY}: created\ndaily-dimension-refresh: created\nhousekeeping: created\n`,
    });
    expect(await schedules('diff')).toEqual({ code: 0, out: 'nothing differs\n', err: '' });
    expect(await schedules('diff', '--json')).toMatchObject({ code: 0, out: '[]\n' });

    await hourly().update((was) => ({
      ...was,
      spec: {
        calendars: [{ hour: '*', minute: 20 }],
        skip: [{ dayOfWeek: 'SUNDAY', hour: '*', minute: '*' }],
        timezone: 'Europe/Berlin',
        jitter: '3 minutes',
      },
      action: {
        ...was.action,
        workflowId: 'other',
        args: [{ models: ['stg_transactions'] }],
        memo: { who: 'me' },
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute', pauseOnFailure: true },
      state: { ...was.state, note: 'mine', remainingActions: 3 },
    }));
    const { client, taskQueue } = weir.temporal;
    const mine = await client.schedule.create({
      scheduleId: 'mine',
      spec: { intervals: [{ every: '2 hours' }] },
      action: { type: 'startWorkflow', workflowType: 'hourlyIncrementalLoad', taskQueue },
      state: { paused: true },
    });
    const differs = `${HOURLY}: differs
  times: server has hour 0-23 minute 20, code says hour 0-23 minute 5
  times left out: server has dayOfWeek SUNDAY hour 0-23 minute 0-59, code says none
  jitter: server has 180 s, code says none
  time zone: server has Europe/Berlin, code says UTC
  workflow id: server has other, code says ${HOURLY}
  input: server has [{"models":["stg_transactions"]}], code says [{}]
  memo: server has {"who":"me"}, code says {}
  overlap: server has SKIP, code says ALLOW_ALL
  catch-up: server has 60 s, code says 43200 s
  pause on failure: server has true, code says false
  actions left: server has 3, code says no limit
`;
    const unknown = `mine: unknown\n  starts hourlyIncrementalLoad and is not in the code: add it there, or delete it\n`;
    await until(async () => (await schedules('diff')).out.includes('mine'), {
      what: 'the list of schedules has the new one',
      timeoutMs: 30_000,
    });
    expect(await schedules('diff')).toEqual({ code: 2, out: differs + unknown, err: '' });
    const applied = await schedules('apply');
    expect(applied).toMatchObject({ code: 2 });
    expect(applied.out).toContain(differs.replace('differs', 'updated'));
    await mine.delete();
    expect((await hourly().describe()).state).toMatchObject({ paused: true, note: 'mine' });
    expect((await hourly().describe()).state.remainingActions).toBeUndefined();
    await until(async () => (await schedules('diff')).code === 0, {
      what: 'nothing differs',
      timeoutMs: 30_000,
    });
  },
);

it(
  'pause, list, unpause and trigger: what was missed is named, with what runs it',
  { timeout: 300_000 },
  async () => {
    expect(
      await schedules('pause', 'hourly', '--reason', 'the tills are moved', '--by', 'kim@example.com'),
    ).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        new RegExp(
          `^${HOURLY} · was paused already \\(mine\\); now: the tills are moved \\(\\[e-mail\\], 20.*Z\\)\n$`,
        ),
      ),
    });
    expect(await schedules('list')).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${HOURLY} · PAUSED: the tills are moved ([e-mail], `),
    });

    // Half an hour from now: what runs once it is unpaused is what the test triggers.
    await hourly().update((was) => ({
      ...was,
      spec: { calendars: [{ hour: '*', minute: (new Date().getUTCMinutes() + 30) % 60 }] },
    }));
    // Somebody ran the slot of five hours ago, and then it was paused.
    await sql`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline,
      slot_end, as_of, sql_hash, opened_at)
    values ('m', 'hourly', 'w', 'r', 'published', '{"kind": "arrival"}', '1', 1, ${hourAgo(5)}, now(), 'h',
      now() - interval '5 hours')`.execute(weir.database.admin);
    const listed = await schedules('list', '--json');
    expect(listed.code).toBe(2);
    // What was due in the last minutes may be starting just now, so the newest slot depends on the minute.
    const [{ missed }] = JSON.parse(listed.out);
    expect(missed).toMatchObject({ ranges: [{ from: hourAgo(5) }], cameWith: null });
    expect([3, 4, 5]).toContain(missed.slots);

    const unpaused = await schedules('unpause', 'hourly');
    expect(unpaused.code).toBe(2);
    expect(unpaused.out).toContain(`${HOURLY} · runs again · next 20`);
    // One more may have come due since they were listed.
    const [, slots = '', to = ''] =
      /missed (\d) slots; the rows .* come with the next run\.[^]*? --to (\S+)\n/.exec(unpaused.out) ?? [];
    expect([missed.slots, missed.slots + 1]).toContain(Number(slots));
    expect(to).toBe(hourAgo(5 - Number(slots)));
    expect(unpaused.out).toContain(`  npm run weir -- backfill hourly --from ${hourAgo(5)} --to ${to}\n`);
    const [, printed = ''] = /npm run weir -- (backfill .*)\n/.exec(unpaused.out) ?? [];
    expect(await says(...printed.split(' '), '--dry-run')).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${slots} hours, of which 0 are done`),
    });
    const five = (at: string): string => at.replace('00:00.000Z', '05:00Z');
    expect(unpaused.out).toContain(
      `  or on the Schedules page: Backfill, Allow All, from ${five(hourAgo(4))} to ${five(to)}\n`,
    );
    expect(await hourly().describe()).toMatchObject({
      state: { paused: false, note: 'Every hour, five minutes past: land and publish what arrived.' },
    });
    expect(await schedules('unpause', 'hourly', '--json')).toMatchObject({
      out: expect.stringContaining('"wasPaused": false'),
    });

    const triggered = await schedules('trigger', HOURLY);
    expect(triggered).toMatchObject({ code: 0 });
    const [, workflowId = ''] = /^started (\S+)\n/.exec(triggered.out) ?? [];
    expect(triggered.out).toBe(
      `started ${workflowId}\nhttp://localhost:8233/namespaces/default/workflows/${encodeURIComponent(workflowId)}\n`,
    );
    const run = weir.temporal.client.workflow.getHandle(workflowId);
    await run.result();
    const after = await schedules('list');
    expect(after.out).toMatch(new RegExp(`${HOURLY} · next 20.* · last 20.* completed, ${workflowId}\n`));
    expect(after.out).toContain(
      'the rows that arrived meanwhile came with later runs, the first of them load ',
    );
  },
);

it('a plan tells the run after a pause which slots were missed', async () => {
  const { workflowId = '' } = JSON.parse((await schedules('trigger', 'hourly', '--json')).out);
  const run = weir.temporal.client.workflow.getHandle(workflowId);
  await run.result();
  const { events = [] } = await run.fetchHistory();
  const { recentActions } = (await hourly().describe()).info;
  const [first] = recentActions;
  const history = await weir.temporal.client.workflow
    .getHandle(first?.action.workflow.workflowId ?? '')
    .fetchHistory();
  const missedIn = (all: typeof events): string =>
    JSON.stringify(
      (all ?? []).flatMap(({ activityTaskCompletedEventAttributes: done }) =>
        (done?.result?.payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString()),
      ),
    );
  expect(missedIn(history.events ?? [])).toContain(String.raw`missedSlots\":[\"${hourAgo(4)}`);
  // The next one follows a slot that ran.
  expect(missedIn(events)).not.toContain('missedSlots');
});

it('what another overlap policy has dropped is counted', async () => {
  await hourly().backfill({
    // Whatever minute of the hour it is set to.
    start: new Date('2017-01-02T05:59:59Z'),
    end: new Date('2017-01-02T09:59:59Z'),
    overlap: ScheduleOverlapPolicy.SKIP,
  });
  await until(async () => (await hourly().describe()).info.numActionsSkippedOverlap === 3, {
    what: 'three of four are dropped',
    timeoutMs: 30_000,
  });
  expect((await schedules('list')).out).toContain(
    '  dropped 3 in all, triggered or backfilled with another overlap policy than Allow All\n',
  );
});

it('refuses a name that is none, and a reason that is none', async () => {
  expect(await schedules('pause', 'hourley', '--reason', 'x')).toMatchObject({
    code: 3,
    err: expect.stringContaining('there is no schedule hourley; there are hourly-incremental-load, daily'),
  });
  expect(await schedules('pause', 'hourly', '--reason', ' ')).toMatchObject({ code: 3 });
  expect((await schedules('trigger', '--help')).out).toContain('Example: weir schedules trigger hourly');
});
