import Long from 'long';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../poll.ts';
import {
  hours,
  intervalsOf,
  loadedIntervals,
  runsOf,
  silver,
  startBackfill,
  type Backfill,
} from '../setup/backfills.ts';
import { keepHistory } from '../setup/histories.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
let stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  stops = [];
});
afterEach(async () => {
  await weir.close();
  for (const stop of stops) await stop();
});

const FOUR = { from: '2017-01-02T06:00:00Z', to: '2017-01-02T10:00:00Z', width: 2 };
const EACH = ['06:00', '07:00', '08:00', '09:00'].map((time) => `2017-01-02T${time}Z`);

async function open(): Promise<void> {
  weir = await testWeir();
  await weir.loadDimensions();
  await weir.land('transactions/one.jsonl', hours(6, 10, 3));
}

/** Resets to the first workflow task: everything is done again but what has its own run. */
async function resetToBegin(handle: Backfill): Promise<void> {
  const { client, namespace } = weir.temporal;
  const { events } = await handle.fetchHistory();
  const first = (events ?? []).find(({ workflowTaskCompletedEventAttributes: task }) => task);
  await client.workflowService.resetWorkflowExecution({
    namespace,
    workflowExecution: { workflowId: handle.workflowId, runId: (await handle.describe()).runId },
    workflowTaskFinishEventId: Long.fromValue(first?.eventId ?? 0),
    requestId: crypto.randomUUID(),
    reason: 'test',
  });
}

async function everyLoadOnce(): Promise<void> {
  const loads = await loadedIntervals(weir);
  expect(loads).toHaveLength(8);
  expect(loads.every(({ loads: count }) => count === 1)).toBe(true);
  expect(await silver(weir)).toHaveLength(12);
}

async function waitsForAnother(handle: Backfill): Promise<void> {
  await until(
    async () => {
      const pending = (await handle.describe()).raw.pendingActivities ?? [];
      return pending.some(({ activityType }) => activityType?.name === 'awaitInterval');
    },
    { what: 'the reset backfill waits for the run that goes on', timeoutMs: 30_000 },
  );
}

describe('a backfill that is reset', { timeout: 240_000 }, () => {
  it('waits for intervals that go on, and loads none twice', async () => {
    await open();
    const trap = await setTrap(weir, 'stage');
    const handle = await startBackfill(weir, FOUR);
    await trap.caught();
    await resetToBegin(handle);
    await waitsForAnother(handle);
    await trap.open();
    expect(await handle.result()).toMatchObject({ state: 'done', failures: 0, done: 4 });
    await keepHistory('backfill-reset', handle);
    const intervals = await intervalsOf(weir, handle, EACH.length);
    expect(Object.keys(intervals).sort()).toEqual(EACH);
    expect(Object.values(intervals).every((runs) => runs.join() === 'COMPLETED')).toBe(true);
    await everyLoadOnce();
  });

  it('knows of an interval that it did not start itself who ended it, and pages nobody', async () => {
    await open();
    const trap = await setTrap(weir, 'stage');
    const handle = await startBackfill(weir, { ...FOUR, width: 1 });
    await trap.caught();
    await resetToBegin(handle);
    await waitsForAnother(handle);
    await weir.temporal.client.workflow.getHandle(`${handle.workflowId}/${EACH[0]}`).cancel();
    await expect(handle.result()).rejects.toMatchObject({
      cause: { type: 'BackfillFailed', details: [{ failures: 1, failed: [{ byHand: true }] }] },
    });
    await trap.open();
    const { admin } = weir.database;
    expect(await admin.selectFrom('control.incident').selectAll().execute()).toEqual([]);
  });

  it('after its end takes what it has loaded as loaded, though it was told to load again', async () => {
    await open();
    const handle = await startBackfill(weir, { ...FOUR, again: true });
    expect(await handle.result()).toMatchObject({ done: 4 });
    await resetToBegin(handle);
    expect(await handle.result()).toMatchObject({ state: 'done', done: 4 });
    expect(Object.values(await intervalsOf(weir, handle, 4)).map((runs) => runs.length)).toEqual([
      1, 1, 1, 1,
    ]);
    await everyLoadOnce();
  });
});

/** Both that go on, one of them carried over from the run before. */
async function twoLive(): Promise<{ handle: Backfill; trap: Awaited<ReturnType<typeof setTrap>> }> {
  await open();
  const trap = await setTrap(weir, 'stage');
  const handle = await startBackfill(weir, FOUR, 1);
  await trap.caught();
  await until(async () => Object.keys(await intervalsOf(weir, handle)).length === 2, {
    what: 'the backfill has gone on anew and begun its second interval',
    timeoutMs: 40_000,
  });
  return { handle, trap };
}

describe('a backfill that is ended by hand', { timeout: 240_000 }, () => {
  it('by cancelling takes its intervals with it, those of its earlier runs too', async () => {
    const { handle, trap } = await twoLive();
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    await trap.open();
    await keepHistory('backfill-cancelled', handle);
    expect(Object.values(await intervalsOf(weir, handle, 2)).flat()).toEqual(['CANCELLED', 'CANCELLED']);
    expect(await weir.database.admin.selectFrom('control.lease').selectAll().execute()).toEqual([]);
    expect(await loadedIntervals(weir)).toEqual([]);
    expect(await (await startBackfill(weir, FOUR)).result()).toMatchObject({ state: 'done', done: 4 });
    await everyLoadOnce();
  });

  it('by terminating lets them end', async () => {
    const { handle, trap } = await twoLive();
    await handle.terminate('test');
    await trap.open();
    await until(
      async () =>
        Object.values(await intervalsOf(weir, handle))
          .flat()
          .join() === 'COMPLETED,COMPLETED',
      { what: 'both intervals have ended by themselves', timeoutMs: 40_000 },
    );
    expect(await loadedIntervals(weir)).toHaveLength(4);
  });
});

it('loads every hour once although worker and server go away on the way', { timeout: 240_000 }, async () => {
  const temporalServer = await ownTemporal();
  stops.push(() => temporalServer.stop());
  weir = await testWeir({ temporalServer });
  await weir.loadDimensions();
  await weir.land('transactions/one.jsonl', hours(0, 24, 2));
  const handle = await startBackfill(weir, { from: '2017-01-01', to: '2017-01-03', width: 6 }, 20);
  const done = (count: number): Promise<unknown> =>
    until(async () => (await loadedIntervals(weir)).length >= count, {
      what: `${count} loads are done`,
      timeoutMs: 90_000,
    });
  await done(10);
  await weir.stopWorker();
  await weir.startWorker();
  await done(40);
  await temporalServer.stopHard();
  await temporalServer.restart();
  expect(await handle.result()).toMatchObject({ state: 'done', failures: 0 });
  const intervals = await intervalsOf(weir, handle, 48);
  expect(Object.keys(intervals)).toHaveLength(48);
  const loads = await loadedIntervals(weir);
  expect(loads).toHaveLength(96);
  expect(loads.filter(({ loads: count }) => count !== 1)).toEqual([]);
  expect(await silver(weir)).toHaveLength(48);
  expect((await runsOf(weir, handle)).length).toBeGreaterThanOrEqual(3);
});
