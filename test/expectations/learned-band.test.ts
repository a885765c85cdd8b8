import { describe, expect, test } from 'vitest';
import { bandOf, judgeLearned } from '../../expectations/learned-band.ts';
import type { Learned } from '../../expectations/learned-band.ts';

const exact = { noise: () => 0, least: () => 0 };
const rows = (figure: number | null): Learned => ({ figure, ...exact, shown: (count) => `${count} rows` });

describe('a band', () => {
  test('lies around the median, as wide as the figures vary', () => {
    // Deviations 10, 10, 0, 10, 10: their median is 10.
    const { median, low, high } = bandOf([90, 110, 100, 90, 110], { width: 1 }, exact);
    expect(median).toBe(100);
    const deviation = 10 * 1.4826 * 1.206 * Math.sqrt(1 + Math.PI / 10);
    expect(high).toBeCloseTo(100 + deviation, 9);
    expect(low).toBeCloseTo(100 - deviation, 9);
  });

  test('is not moved by one bad week', () => {
    const good = bandOf([95, 105, 100, 98, 102, 101, 99, 100], {}, exact);
    const bad = bandOf([95, 105, 100, 98, 102, 101, 99, 1], {}, exact);
    expect(Math.abs(bad.median - good.median)).toBeLessThan(1);
    expect(bad.low).toBeGreaterThan(80);
  });

  test('of few samples is wider: they tell less', () => {
    const width = (count: number): number => {
      const past = Array.from({ length: count }, (_, place) => 100 + (place % 2 === 0 ? 1 : -1));
      const { low, high } = bandOf(past, {}, exact);
      return high - low;
    };
    expect(width(4)).toBeGreaterThan(width(8));
    expect(width(8)).toBeGreaterThan(width(50));
  });

  test('is never narrower than chance, nor than it is told', () => {
    const same = [100, 100, 100, 100];
    expect(bandOf(same, { width: 4 }, { noise: Math.sqrt, least: () => 0 })).toEqual({
      median: 100,
      low: 60,
      high: 140,
    });
    expect(bandOf(same, {}, { noise: () => 0, least: (median) => 0.5 * median })).toMatchObject({
      low: 50,
      high: 150,
    });
  });

  test('of counts and shares ends where these end', () => {
    expect(bandOf([0.9, 0.9], {}, { noise: () => 1, least: () => 0, highest: 1 })).toMatchObject({
      low: 0,
      high: 1,
    });
  });
});

describe('judging by a band', () => {
  const past = { past: [100, 100, 100, 100] };

  test('both ends are inside', () => {
    expect(judgeLearned({}, past, rows(100)).success).toBe(true);
    expect(judgeLearned({}, past, rows(99)).success).toBe(false);
    expect(judgeLearned({}, past, rows(101)).success).toBe(false);
  });

  test('too few samples are no judgement, and say so', () => {
    const judged = judgeLearned({ min_samples: 5 }, past, rows(7));
    expect(judged).toMatchObject({ success: true, figure: 7 });
    expect(judged.observed).toBe('7 rows; 4 of 5 samples of this hour of the week, not yet judged');
    expect(judgeLearned({ min_samples: 5, until_learned: 'fail' }, past, rows(7)).success).toBe(false);
  });

  test('nothing to judge teaches nothing', () => {
    expect(judgeLearned({}, past, rows(null))).toMatchObject({ success: true, figure: null });
  });
});
