import { describe, expect, it } from 'vitest';
import { afterRound } from '../../workflows/monitor/database-alarm.ts';
import type { Unreachable } from '../../workflows/monitor/input.ts';

const WELL: Unreachable = { rounds: 0, since: null, paged: false };
const BEGUN = Date.UTC(2017, 0, 2, 8);
const CODE = 'Postgres cannot be reached: ECONNREFUSED.';

/** What rounds a minute apart tell, of what each found of Postgres. */
function tell(found: readonly (string | null)[], before: Unreachable = WELL) {
  let state = before;
  return found.map((failure, minute) => {
    const { unreachable, page } = afterRound(state, failure, BEGUN + minute * 60_000);
    state = unreachable;
    return page === null ? null : `${page.state} ${page.occasion}: ${page.summary}`;
  });
}

describe('a Postgres that does not answer', () => {
  it('is told once, after three minutes, and resolves when it answers', () => {
    const page = expect.stringMatching(
      /^raised 2017-01-02T08:00:00.000Z: Postgres does not answer since .*ECONNREFUSED/,
    );
    expect(tell([CODE, CODE, CODE, CODE, CODE, CODE, null, null])).toEqual([
      ...[null, null, null, page, null, null],
      'cleared 2017-01-02T08:00:00.000Z: Postgres answers again, after 6 min',
      null,
    ]);
  });

  it('is no news where it answers sooner, however often', () => {
    expect(tell([CODE, CODE, CODE, null, CODE, CODE, CODE, null])).toEqual(Array(8).fill(null));
  });

  it('is resolved by a monitor that was begun anew and does not know whether it was told', () => {
    const unknown: Unreachable = { ...WELL, paged: null };
    expect(tell([null, null], unknown)).toEqual([
      expect.stringMatching(/^cleared .*: Postgres answers again$/),
      null,
    ]);
    expect(tell([CODE, CODE, CODE, CODE], unknown).at(-1)).toMatch(/^raised/);
  });
});
