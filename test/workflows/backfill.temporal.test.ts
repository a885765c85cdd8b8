import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decisionUpdates } from '../../workflows/decisions.ts';
import type { BackfillReport } from '../../workflows/backfill/report.ts';
import { backfillUpdates } from '../../workflows/backfill/updates.ts';
import { until } from '../poll.ts';
import {
  at,
  intervalsOf,
  loadedIntervals,
  MODELS,
  runsOf,
  silver,
  startBackfill,
  type Backfill,
} from '../setup/backfills.ts';
import { basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir();
  await weir.loadDimensions();
});
afterEach(() => weir.close());

const RANGE = { from: '2017-01-02T06:00:00Z', to: '2017-01-02T12:00:00Z' };

function report(handle: Backfill): Promise<BackfillReport> {
  return handle.query<BackfillReport>('progress');
}

describe('a backfill', () => {
  it('loads each interval of its range once, in runs of their own, and a second one has nothing to do', async () => {
    await weir.land('transactions/one.jsonl', [
      basket(1, at(5)),
      ...baskets(2, 4, at(6)),
      basket(4, at(11)),
      basket(5, at(12)),
    ]);
    const first = await startBackfill(weir, { ...RANGE, width: 3 });
    expect(await first.result()).toMatchObject({
      state: 'done',
      done: 6,
      skipped: 0,
      failures: 0,
      survey: { intervals: 6, done: 0, sources: ['raw_transactions'], models: MODELS },
      resume: null,
    });
    await keepHistory('backfill', first);
    expect(await silver(weir)).toEqual(['T000002', 'T000003', 'T000004']);
    const each = ['06:00', '07:00', '08:00', '09:00', '10:00', '11:00'];
    expect(await loadedIntervals(weir)).toEqual(
      ['fct_daily_sales', 'stg_transactions'].flatMap((model) =>
        each.map((start) => ({ model, start, loads: 1 })),
      ),
    );
    expect(await (await startBackfill(weir, { ...RANGE, models: MODELS })).result()).toMatchObject({
      state: 'done',
      done: 0,
      skipped: 6,
    });
    expect(await loadedIntervals(weir)).toHaveLength(12);
    expect(
      await (await startBackfill(weir, { ...RANGE, again: true, newestFirst: true, width: 1 })).result(),
    ).toMatchObject({ state: 'done', done: 6, skipped: 0, survey: { done: 6 } });
    expect((await loadedIntervals(weir)).map(({ loads }) => loads)).toEqual(
      Array.from({ length: 12 }, () => 2),
    );
    expect(await silver(weir)).toEqual(['T000002', 'T000003', 'T000004']);
  });
});

/** Bad rows in one hour, so that its gate holds; good ones in the others. */
async function landWithBad(hour: number, from: number, to: number): Promise<void> {
  for (let at_ = from; at_ < to; at_ += 1)
    await weir.land(
      `transactions/h${at_}.jsonl`,
      baskets(at_ * 10, at_ * 10 + 8, { ...at(at_), ...(at_ === hour ? { store_id: null } : {}) }),
    );
}

describe('an interval that a gate holds', { timeout: 240_000 }, () => {
  it('keeps its place, stops what would begin when it is abandoned, and the same again loads what is left', async () => {
    await landWithBad(7, 6, 10);
    const handle = await startBackfill(weir, { from: RANGE.from, to: '2017-01-02T10:00:00Z', width: 2 });
    const verdictId = await weir.heldVerdict('stg_transactions');
    const standing = await until(
      async () => {
        const now = await report(handle);
        return now.held.length > 0 ? now : null;
      },
      { what: 'the backfill has seen what is held', timeoutMs: 40_000 },
    );
    expect(standing).toMatchObject({
      state: 'loading',
      width: 2,
      held: [{ workflowId: `${handle.workflowId}/2017-01-02T07:00Z`, model: 'stg_transactions' }],
    });
    expect(standing.live).toContain('2017-01-02T07:00:00.000Z');
    expect(standing.live.length).toBeLessThanOrEqual(2); // Those behind it may have had the model before.
    await weir.temporal.client.workflow
      .getHandle(`${handle.workflowId}/2017-01-02T07:00Z`)
      .executeUpdate(decisionUpdates.abandon, { args: [{ verdictId, reason: 'these rows are wrong' }] });
    const failure = await failureOf(handle);
    expect(failure).toMatchObject({
      message: expect.stringContaining(
        `weir backfill hourly --from 2017-01-02T06:00Z --to 2017-01-02T10:00Z --models ${MODELS.join(',')}`,
      ),
      details: [
        { state: 'failed', failures: 1, failed: [{ start: '2017-01-02T07:00:00.000Z', gate: true }] },
      ],
    });
    await keepHistory('backfill-failed', handle);
    await weir.land('transactions/h7.jsonl', baskets(70, 78, at(7)));
    const again = await startBackfill(weir, { from: RANGE.from, to: '2017-01-02T10:00:00Z', width: 2 });
    const { done, skipped } = await again.result();
    expect(done + skipped).toBe(4);
    expect(skipped).toBeGreaterThanOrEqual(1);
    expect(await silver(weir)).toHaveLength(32);
  });
});

/** What the failed backfill says, with its report. */
async function failureOf(handle: Backfill): Promise<{ message: string; details: unknown }> {
  const error: unknown = await handle.result().catch((failure: unknown) => failure);
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error) || !('details' in cause))
    throw new Error('it did not fail', { cause: error });
  return { message: cause.message, details: cause.details };
}

describe('a long backfill', { timeout: 240_000 }, () => {
  it('goes on anew with a flat history, is paused, made wider and resumed on the way, and loads each interval once', async () => {
    await weir.land('transactions/one.jsonl', baskets(1, 8, at(6)));
    const input = { from: '2017-01-01', to: '2017-01-02T12:00:00Z', width: 2 };
    const handle = await startBackfill(weir, input, 5);
    await handle.executeUpdate(backfillUpdates.pause, { args: [{ reason: 'the shop is open', by: 'test' }] });
    const paused = await until(
      async () => {
        const now = await report(handle);
        return now.live.length === 0 && now.survey !== null ? now : null;
      },
      { what: 'nothing goes on any more', timeoutMs: 30_000 },
    );
    expect(paused).toMatchObject({ state: 'paused', paused: { reason: 'the shop is open', by: 'test' } });
    await expect(
      handle.executeUpdate(backfillUpdates.pause, { args: [{ reason: 'again' }] }),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining('resume it first') } });
    await expect(
      handle.executeUpdate(backfillUpdates.pause, { args: [{ reason: 'x'.repeat(501) }] }),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining('say it in 500 letters') } });
    await expect(
      handle.executeUpdate(backfillUpdates.resume, { args: [{ by: 'x'.repeat(101) }] }),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining('by is too long') } });
    await expect(
      handle.executeUpdate(backfillUpdates.setWidth, { args: [{ width: 0 }] }),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining('from 1 to 100') } });
    expect(await handle.executeUpdate(backfillUpdates.setWidth, { args: [{ width: 6, by: 'test' }] })).toBe(
      'width 2 → 6',
    );
    await handle.executeUpdate(backfillUpdates.resume, { args: [{ by: 'test' }] });
    expect(await handle.result()).toMatchObject({ state: 'done', done: 36, skipped: 0, width: 6 });
    const intervals = await intervalsOf(weir, handle, 36);
    expect(Object.keys(intervals)).toHaveLength(36);
    expect(Object.values(intervals).every((runs) => runs.join() === 'COMPLETED')).toBe(true);
    const runs = await runsOf(weir, handle);
    expect(runs.length).toBeGreaterThanOrEqual(8);
    expect(Math.max(...runs.map(({ events }) => events))).toBeLessThan(120);
    const [first, second] = runs;
    const { client } = weir.temporal;
    await keepHistory('backfill-anew', client.workflow.getHandle(handle.workflowId, first?.runId));
    await keepHistory('backfill-goes-on', client.workflow.getHandle(handle.workflowId, second?.runId));
  });
});
