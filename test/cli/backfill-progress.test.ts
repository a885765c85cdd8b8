import { describe, expect, it } from 'vitest';
import type { Survey } from '../../activities/backfill/survey.ts';
import { progressLine, reportText } from '../../cli/backfill/follow.ts';
import type { BackfillReport } from '../../workflows/backfill/report.ts';

const SURVEY: Survey = {
  pipeline: 'hourly',
  range: { from: '2017-01-01T00:00:00Z', to: '2017-01-02T00:00:00Z' },
  missedOnly: false,
  intervals: 24,
  done: 4,
  models: ['stg_transactions'],
  left: [],
  sources: [],
  rows: [],
  durations: [],
};

const REPORT: BackfillReport = {
  state: 'loading',
  survey: SURVEY,
  done: 8,
  skipped: 4,
  live: ['2017-01-01T12:00:00.000Z', '2017-01-01T13:00:00.000Z'],
  waiting: 10,
  failures: 0,
  failed: [],
  held: [],
  width: 2,
  paused: null,
  paceMs: 2_000,
  expectedEnd: null,
  resume: null,
};

describe('how a backfill goes, in a line', () => {
  it.each([
    [true, {}, '[############............] 12 of 24 · 2 live · about 24 seconds left'],
    [false, {}, '12 of 24 · 2 live · about 24 seconds left'],
    [false, { survey: null }, ''],
    [
      false,
      { paused: { by: 'ana', reason: 'lunch', since: 0 }, failures: 1, waiting: 9 },
      '13 of 24 · 2 live · 1 failed · paused by ana: lunch',
    ],
    [
      false,
      { held: [{ workflowId: 'w', model: 'm', since: '', verdictId: null }], paceMs: null },
      '12 of 24 · 2 live · HELD: m (weir gate list)',
    ],
  ])('bar %s, %j', (bar, more, line) => expect(progressLine({ ...REPORT, ...more }, bar)).toBe(line));

  it('and at its end says what failed and how to go on', () => {
    const failed = [{ start: '2017-01-01T13:00:00.000Z', reason: 'm: broke', gate: false }];
    const resume = 'weir backfill hourly --from 2017-01-01 --to 2017-01-02';
    expect(reportText({ ...REPORT, state: 'failed', failures: 1, failed, resume })).toBe(
      'failed: 8 intervals loaded, 4 were done before, 1 failed, 10 not begun · stg_transactions\n' +
        '2017-01-01T13:00Z: m: broke\n' +
        `mend what failed, then: ${resume}\n`,
    );
  });
});
