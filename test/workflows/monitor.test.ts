import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterRound } from '../../workflows/monitor/database-alarm.ts';
import { monitorDetails } from '../../workflows/monitor/details.ts';
import { readMonitorInput, type Unreachable } from '../../workflows/monitor/input.ts';
import { untilNextMinute } from '../../workflows/monitor/next-round.ts';

describe('the input of the monitor', () => {
  it('is nothing, and then an hour of rounds a run, every minute on the minute', () => {
    for (const input of [undefined, null, {}])
      expect(readMonitorInput(input)).toMatchObject({ everyMs: null, from: null, roundsPerRun: 60 });
  });

  it.each([
    [[], 'the input is no object'],
    [{ every: 5 }, 'unknown field every'],
    [{ everyMs: 0 }, 'everyMs is 0'],
    [{ roundsPerRun: 0 }, 'roundsPerRun is 0; give 1 to 1000'],
  ])('%j is refused: %s', (input, problem) => {
    expect(() => readMonitorInput(input as never)).toThrow(problem);
  });
});

describe('a Postgres that does not answer', () => {
  it('is told once while it lasts, and that it answers again once', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (rounds) => {
        let state: Unreachable = { rounds: 0, since: null, paged: false };
        let open = false;
        let down = 0;
        for (const [at, answers] of rounds.entries()) {
          const next = afterRound(state, answers ? null : 'ECONNREFUSED', at * 60_000);
          down = answers ? 0 : down + 1;
          if (next.page !== null) expect(next.page.state).toBe(open ? 'cleared' : 'raised');
          if (next.page?.state === 'raised') expect(down).toBeGreaterThan(1);
          open = next.page === null ? open : next.page.state === 'raised';
          if (answers) expect(open).toBe(false);
          if (down >= 10) expect(open).toBe(true);
          ({ unreachable: state } = next);
        }
      }),
    );
  });
});

describe('a minute between two rounds', () => {
  const minuteShown = (at: number) => Math.floor(at / 60_000);

  it('each one has its sample, whatever a round took and a clock of Postgres that is two seconds behind shows', () => {
    const took = fc.array(fc.integer({ min: 20, max: 50_000 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(took, fc.integer({ min: -1_990, max: 5_000 }), (rounds, off) => {
        let now = Date.parse('2017-01-30T00:00:02Z');
        for (const ms of rounds) {
          const next = now + ms + untilNextMinute(now + ms);
          expect(minuteShown(next + off) - minuteShown(now + off)).toBe(1);
          now = next;
        }
      }),
    );
  });
});

describe('the details of the monitor', () => {
  const looked = (station: 'sample' | 'watch', lines: readonly string[], failure: string | null = null) => ({
    ...{ station, lines, failure, unreachable: null },
  });

  it('name a station that failed, and show what the others found', () => {
    const text = monitorDetails(
      0,
      [looked('sample', [], 'SQLSTATE 42883'), looked('watch', ['a run ended'])],
      true,
    );
    expect(text).toContain('- **sample failed**: SQLSTATE 42883');
    expect(text).toContain('- a run ended');
    expect(text).toContain('telling on-call');
  });

  it('stay below what the server takes, and say how much is left out', () => {
    const lines = Array.from({ length: 400 }, (_, at) => `| model_${at} | ${'x'.repeat(100)} |`);
    const text = monitorDetails(0, [looked('sample', lines), looked('watch', [])], false);
    expect(Buffer.byteLength(text)).toBeLessThan(20_000);
    expect(text).toMatch(/… and \d+ lines more$/);
  });
});
