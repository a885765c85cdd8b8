import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshState, type BackfillState } from '../../../workflows/backfill/state.ts';
import {
  begin,
  end,
  isOver,
  isStopped,
  liveCount,
  paceMs,
  startable,
} from '../../../workflows/backfill/window.ts';

/** What may happen to a backfill, in any order. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(), fails: fc.boolean() }),
  },
  fc.record({ kind: fc.constant('width' as const), width: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant('pause' as const) }),
  fc.record({ kind: fc.constant('resume' as const) }),
);

const cases = {
  intervals: fc.integer({ min: 0, max: 60 }),
  width: fc.integer({ min: 1, max: 12 }),
  stopAfter: fc.integer({ min: 1, max: 8 }),
  happenings: fc.array(happening, { maxLength: 200 }),
};

/** A backfill with everything fetched. */
function stateOf(intervals: number, width: number): BackfillState {
  const state = freshState(width, 0);
  state.queue = Array.from({ length: intervals }, (_, index) => `i${String(index).padStart(3, '0')}`);
  state.more = false;
  return state;
}

/** Begins what may be begun, and says what that was. */
function beginAll(state: BackfillState, stopAfter: number, now: number): readonly string[] {
  const starts = startable(state, stopAfter);
  for (const start of starts) begin(state, start, now);
  return starts;
}

describe('the sliding window', () => {
  it('never begins more than its width, nothing when paused or stopped, and each interval once, in order', () => {
    fc.assert(
      fc.property(fc.record(cases), ({ intervals, width, stopAfter, happenings }) => {
        const state = stateOf(intervals, width);
        const began = [...beginAll(state, stopAfter, 0)];
        happenings.forEach((happening, index) => {
          const now = index + 1;
          const live = Object.keys(state.live);
          if (happening.kind === 'width') state.width = happening.width;
          if (happening.kind === 'pause') state.paused = { by: 'x', reason: 'y', since: now };
          if (happening.kind === 'resume') state.paused = null;
          const start =
            happening.kind === 'end' ? live[happening.which % Math.max(live.length, 1)] : undefined;
          if (happening.kind === 'end' && start !== undefined)
            end(state, start, now, happening.fails ? { start, reason: 'r', gate: false } : null);
          const liveBefore = liveCount(state);
          const more = beginAll(state, stopAfter, now);
          if (more.length > 0) {
            expect(state.paused).toBeNull();
            expect(isStopped(state, stopAfter)).toBe(false);
            expect(liveBefore + more.length).toBeLessThanOrEqual(state.width);
          }
          began.push(...more);
          expect(began).toEqual([...began].sort());
          expect(new Set(began).size).toBe(began.length);
          expect(began.length + state.queue.length).toBe(intervals);
          expect(state.done + state.failures + liveCount(state)).toBe(began.length);
        });
      }),
    );
  });

  it('keeps its width full for as long as there is something to begin', () => {
    fc.assert(
      fc.property(cases.intervals, cases.width, (intervals, width) => {
        const state = stateOf(intervals, width);
        let now = 0;
        while (!isOver(state, 1)) {
          beginAll(state, 1, now);
          expect(liveCount(state)).toBe(Math.min(width, liveCount(state) + state.queue.length));
          const [start = ''] = Object.keys(state.live);
          end(state, start, (now += 1), null);
        }
        expect(state.done).toBe(intervals);
      }),
    );
  });

  it('is over when nothing is left, or when it has stopped and nothing goes on', () => {
    const state = stateOf(3, 2);
    expect(isOver(state, 1)).toBe(false);
    beginAll(state, 1, 0);
    end(state, 'i000', 1, { start: 'i000', reason: 'broke', gate: false });
    expect(startable(state, 1)).toEqual([]);
    expect(isOver(state, 1)).toBe(false);
    end(state, 'i001', 2, null);
    expect(isOver(state, 1)).toBe(true);
    expect(isOver(state, 2)).toBe(false);
    state.queue = [];
    state.more = true;
    expect(isOver(state, 2)).toBe(false);
  });

  it('tells its pace by the last ends', () => {
    const state = stateOf(5, 1);
    expect(paceMs(state)).toBeNull();
    for (const [index, now] of [1_000, 3_000, 9_000].entries()) {
      begin(state, `i00${index}`, 0);
      end(state, `i00${index}`, now, null);
    }
    expect(paceMs(state)).toBe(4_000);
  });
});
