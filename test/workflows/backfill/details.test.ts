import { describe, expect, it } from 'vitest';
import type { Survey } from '../../../activities/backfill/survey.ts';
import { backfillDetails, durationText, previewLines } from '../../../workflows/backfill/details.ts';
import { expectedMs } from '../../../workflows/backfill/expected-time.ts';
import { readBackfillInput } from '../../../workflows/backfill/input.ts';
import { intervalOfRun, intervalRunId, reportOf, resumeCommand } from '../../../workflows/backfill/report.ts';
import { freshState, type BackfillState } from '../../../workflows/backfill/state.ts';

const HOUR = 3_600_000;
const FROM = Date.parse('2017-01-01T00:00:00Z');
const RANGE = { from: '2017-01-01T00:00:00Z', to: '2017-01-31T00:00:00Z' };
const PLACE = { workflowId: 'backfill-hourly-1a2b3c4d', namespace: 'default' };
const start = (hour: number): string => new Date(FROM + hour * HOUR).toISOString();

function surveyOf(more: Partial<Survey> = {}): Survey {
  return {
    pipeline: 'hourly',
    range: RANGE,
    missedOnly: false,
    intervals: 720,
    done: 20,
    models: ['stg_transactions', 'fct_daily_sales'],
    left: [],
    sources: ['raw_transactions'],
    rows: [{ relation: 'raw_transactions', rows: 12_345, counted: true }],
    durations: [
      { model: 'stg_transactions', ms: 400 },
      { model: 'fct_daily_sales', ms: 1_000 },
    ],
    ...more,
  };
}

function stateOf(more: Partial<BackfillState> = {}): BackfillState {
  return { ...freshState(100, 0), survey: surveyOf(), ...more };
}

const request = readBackfillInput(RANGE, Date.parse('2026-11-22T00:00:00Z'));

describe('where a backfill stands', () => {
  it('adds up, and its end is expected at its pace', () => {
    const state = stateOf({
      done: 100,
      skipped: 20,
      failures: 2,
      live: { [start(1)]: 0, [start(2)]: 0 },
      ends: [0, 1_000, 2_000],
    });
    expect(reportOf(state, request, 10_000, 'loading')).toMatchObject({
      waiting: 596,
      paceMs: 1_000,
      expectedEnd: new Date(10_000 + 598_000).toISOString(),
    });
    state.paused = { by: 'x', reason: 'y', since: 0 };
    expect(reportOf(state, request, 10_000, 'loading')).toMatchObject({ state: 'paused', expectedEnd: null });
  });

  it('stays below 20 kB with a hundred live, the most failures that are kept and long reasons', () => {
    const state = stateOf({
      live: Object.fromEntries(Array.from({ length: 100 }, (_, hour) => [start(hour), 0])),
      failures: 300,
      failed: Array.from({ length: 12 }, (_, hour) => ({
        start: start(200 + hour),
        reason: `a|b\n${'é'.repeat(296)}`,
        gate: false,
      })),
      held: Array.from({ length: 40 }, (_, at) => ({
        workflowId: intervalRunId(PLACE.workflowId, start(at)),
        model: `model_${at}`,
        since: start(0),
        verdictId: null,
      })),
    });
    const text = backfillDetails(reportOf(state, request, 0, 'loading'), request, PLACE, []);
    expect(new TextEncoder().encode(text).length).toBeLessThan(20_000);
    expect(text).toContain('… and 88 more');
    expect(text).toContain('and 288 more');
    expect(text).toContain(
      '[2017-01-01](/namespaces/default/workflows/backfill-hourly-1a2b3c4d%2F2017-01-01T00%3A00Z)',
    );
    expect(text).toContain('a\\|b é');
  });
});

describe('a preview', () => {
  it('says intervals, rows and minutes', () => {
    expect(previewLines({ survey: surveyOf(), width: 4 }, request)).toEqual([
      '720 hours, of which 20 are done with the same SQL: 700 to load, 4 side by side',
      'models: stg_transactions, fct_daily_sales',
      '12,345 rows of raw_transactions in the range',
      'about 12 minutes, by what loads of these models took before',
    ]);
  });

  it('expects one after the other at width one, and no faster than the slowest model beside', () => {
    const survey = surveyOf();
    expect(expectedMs({ survey, width: 1, again: false })).toBe(1_400 * 700);
    expect(expectedMs({ survey, width: 20, again: true })).toBe(1_000 * 720);
    expect(
      expectedMs({ survey: surveyOf({ durations: [{ model: 'x', ms: null }] }), width: 1, again: false }),
    ).toBe(null);
  });

  it.each([
    [300, '1 second'],
    [45_000, '45 seconds'],
    [720_000, '12 minutes'],
    [12_600_000, '3.5 hours'],
  ])('%d ms are %s', (ms, text) => expect(durationText(ms)).toBe(text));
});

describe('the command that goes on', () => {
  it('is the same again, since what is done is skipped', () => {
    const asked = readBackfillInput(
      { ...RANGE, models: ['stg_transactions'], stopAfter: 3 },
      Date.parse('2026-11-22T00:00:00Z'),
    );
    expect(resumeCommand(stateOf({ failed: [{ start: start(5), reason: '', gate: false }] }), asked)).toBe(
      'weir backfill hourly --from 2017-01-01 --to 2017-01-31 --models stg_transactions --stop-after 3',
    );
  });

  it('begins at the first that is not done where all were to be loaded again', () => {
    const failed = [{ start: start(5), reason: '', gate: false }];
    const queue = [start(7), start(8)];
    expect(resumeCommand(stateOf({ failed, queue }), { ...request, again: true })).toBe(
      'weir backfill hourly --from 2017-01-01T05:00Z --to 2017-01-31 --again',
    );
    expect(
      resumeCommand(stateOf({ failed, queue: [start(3)] }), { ...request, again: true, newestFirst: true }),
    ).toBe('weir backfill hourly --from 2017-01-01 --to 2017-01-01T06:00Z --again --newest-first');
  });
});

it('an interval and the id of its run say each other', () => {
  const id = intervalRunId(PLACE.workflowId, start(8));
  expect(id).toBe('backfill-hourly-1a2b3c4d/2017-01-01T08:00Z');
  expect(intervalOfRun(PLACE.workflowId, id)).toBe('2017-01-01T08:00Z');
  expect(intervalOfRun(PLACE.workflowId, 'hourly-1')).toBeNull();
});
