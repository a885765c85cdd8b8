import { describe, expect, test } from 'vitest';
import { ageText } from '../../cli/age-text.ts';
import { wantsColour } from '../../cli/colours.ts';
import { progressLine } from '../../cli/progress.ts';
import { readSince, visibilityQuery } from '../../cli/runs/visibility-query.ts';

test('what is asked of visibility, with names quoted', () => {
  const filter = {
    taskQueue: 'a"b',
    pipeline: 'hourly',
    state: 'held',
    since: '2017-01-02T08:00:00Z',
  } as const;
  expect(visibilityQuery(filter)).toBe(
    'TaskQueue = "a\\"b" and WorkflowType in ("minuteIncrementalLoad", "hourlyIncrementalLoad", "dailyDimensionRefresh", "backfill") and ' +
      'WeirPipeline = "hourly" and ExecutionStatus = "Running" and WeirGateState = "held" and StartTime >= "2017-01-02T08:00:00Z"',
  );
  expect(visibilityQuery({ taskQueue: 'weir', pipeline: null, state: null, since: null })).toBe(
    'TaskQueue = "weir" and WorkflowType in ("minuteIncrementalLoad", "hourlyIncrementalLoad", "dailyDimensionRefresh", "backfill")',
  );
});

describe('--since', () => {
  const now = new Date('2017-01-02T08:00:00.000Z');
  test.each([
    ['24h', '2017-01-01T08:00:00.000Z'],
    ['90min', '2017-01-02T06:30:00.000Z'],
    ['90m', '2017-01-02T06:30:00.000Z'],
    ['7d', '2016-12-26T08:00:00.000Z'],
    ['2017-01-01', '2017-01-01T00:00:00.000Z'],
    ['2017-01-01T09:00:00+01:00', '2017-01-01T08:00:00.000Z'],
  ])('%s', (text, since) => {
    expect(readSince(text, now)).toBe(since);
  });
  test.each(['yesterday', '0h', '24', '2017-13-01', '2017-01-01T09:00'])('%s is refused', (text) => {
    expect(() => readSince(text, now)).toThrow(/neither a length of time.*nor a moment/);
  });
});

test.each([
  [0, '0 s'],
  [45, '45 s'],
  [60, '1 min'],
  [4500, '1 h 15 min'],
  [93_600, '1 d 2 h'],
  [86_460, '1 d'],
])('%i seconds are %s', (seconds, text) => {
  expect(ageText(seconds)).toBe(text);
});

test.each([
  ['a terminal', {}, true, true],
  ['a pipe', {}, false, false],
  ['NO_COLOR', { NO_COLOR: '1' }, true, false],
  ['NO_COLOR beside FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['an empty NO_COLOR', { NO_COLOR: '' }, true, true],
  ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, false],
  ['a dumb terminal', { TERM: 'dumb' }, true, false],
  ['CI alone', { CI: 'true' }, false, false],
  // What Node says of a pipe: no colour then, whatever picocolors would make of CI.
  ['CI where nobody says what it is', { CI: 'true' }, undefined, false],
])('colours: %s', (_, env, onTerminal, wanted) => {
  expect(wantsColour(env, onTerminal)).toBe(wanted);
});

test('a line of progress says what, for how long, and what is to be seen', () => {
  expect(progressLine('running', 12_900, 'HELD by transactions')).toBe(
    'running … 12 s · HELD by transactions',
  );
  expect(progressLine('migrating', 400, '')).toBe('migrating … 0 s');
});
