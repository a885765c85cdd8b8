import { describe, expect, test } from 'vitest';
import { mostLive, problemsOf } from '../../../bench/steps/intervals.ts';
import type { IntervalRun } from '../../../bench/steps/intervals.ts';

function run(
  workflowId: string,
  startedAt: number,
  endedAt: number | null,
  status = 'COMPLETED',
): IntervalRun {
  return { workflowId, startedAt, endedAt, status };
}

describe('the most that were live at a time', () => {
  test.each([
    ['none', [], 0],
    ['one after the other, to the millisecond', [run('a', 0, 10), run('b', 10, 20)], 1],
    ['side by side', [run('a', 0, 10), run('b', 9, 20), run('c', 5, 6)], 2],
    ['one that goes on', [run('a', 0, null), run('b', 100, 200)], 2],
  ])('%s', (_, runs, most) => {
    expect(mostLive(runs)).toBe(most);
  });
});

describe('what a backfill is blamed for', () => {
  const wanted = ['2020-01-01T00:00:00.000Z', '2020-01-01T01:00:00.000Z'];
  const once = new Map(wanted.map((start) => [start, 1]));
  const good = {
    wanted,
    models: ['m'],
    width: 1,
    runs: [run('a', 0, 10), run('b', 10, 20)],
    ended: new Map([['m', once]]),
  };

  test('nothing where each interval was loaded once', () => {
    expect(problemsOf(good)).toEqual([]);
  });

  test.each([
    ['too wide', { runs: [run('a', 0, 10), run('b', 9, 20)] }, /2 intervals were live at a time, not 1/],
    ['a run that failed', { runs: [run('a', 0, 1), run('b', 1, 2, 'FAILED')] }, /1 runs did not complete, b/],
    [
      'a run twice',
      { runs: [run('a', 0, 1), run('b', 1, 2), run('b', 2, 3)] },
      /1 intervals ran more than once/,
    ],
    ['a run missing', { runs: [run('a', 0, 1)] }, /1 intervals ran, not 2/],
    [
      'missed',
      { ended: new Map([['m', new Map([[wanted[0] ?? '', 1]])]]) },
      /m: 1 intervals were missed, 2020-01-01T01/,
    ],
    [
      'doubled',
      { ended: new Map([['m', new Map([...once, [wanted[0] ?? '', 2]])]]) },
      /m: 1 intervals were loaded twice/,
    ],
    [
      'foreign',
      { ended: new Map([['m', new Map([...once, ['2019-01-01T00:00:00.000Z', 1]])]]) },
      /nobody asked for/,
    ],
    ['a model without any', { models: ['m', 'n'] }, /n: 2 intervals were missed/],
  ])('%s', (_, more, message) => {
    expect(problemsOf({ ...good, ...more }).join('; ')).toMatch(message);
  });
});
