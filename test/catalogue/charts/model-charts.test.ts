import { expect, test } from 'vitest';
import { freshnessChart } from '../../../catalogue/charts/freshness.ts';
import { durationsChart, rowKinds, rowsChart } from '../../../catalogue/charts/loads.ts';
import { timeUnit } from '../../../catalogue/charts/time-unit.ts';
import { markupOf } from '../../../catalogue/html.ts';
import type { AgeBucket } from '../../../catalogue/read/freshness-history.ts';
import type { LoadBucket } from '../../../catalogue/read/load-history.ts';

const START = Date.parse('2026-11-21T00:00:00Z');
const QUARTER = 900;

function ages(high: readonly (number | null)[]): readonly AgeBucket[] {
  return high.flatMap((age, place) =>
    age === null
      ? []
      : [
          {
            from: new Date(START + place * QUARTER * 1000),
            low: 60,
            high: age,
            objective: 4500,
            good: 15,
            bad: age > 4500 ? 15 : 0,
          },
        ],
  );
}

function drawn(buckets: readonly AgeBucket[]): string {
  const to = new Date(START + 96 * QUARTER * 1000);
  return markupOf(freshnessChart(buckets, { from: new Date(START), to, bucketSeconds: QUARTER }));
}

/** Strokes of the line of ages: more than one where it is broken. */
function strokes(svg: string): number {
  const line = /stroke="var\(--fresh\)"[^>]*>\s*<path d="([^"]*)"/.exec(svg)?.[1] ?? '';
  return line.match(/M/g)?.length ?? 0;
}

test('what was too old is filled, and nothing where nothing was', () => {
  expect(drawn(ages([600, 1200, 1800]))).not.toContain('var(--late)');
  const late = drawn(ages([600, 9000, 600]));
  expect(late).toContain('var(--late)');
  expect(late).toContain(
    'aria-label="Age over time: at most 2 h 30 min, 15 minutes older than its objective"',
  );
});

test('time that nobody measured is no line', () => {
  expect(strokes(drawn(ages([600, 700, 800, 900])))).toBe(1);
  expect(strokes(drawn(ages([600, 700, null, null, 800, 900])))).toBe(2);
});

function bucket(place: number, counts: Partial<LoadBucket> = {}): LoadBucket {
  const from = new Date(START + place * 3_600_000);
  const none = {
    empty: 0,
    abandoned: 0,
    inserted: 0,
    updated: 0,
    deleted: 0,
    setAside: 0,
    median: 30,
    slow: 60,
  };
  return { from, to: new Date(from.getTime() + 3_600_000), published: 1, ...none, ...counts };
}

test('a legend names the kinds of rows that there were, and charts say their sum', () => {
  const history = { widthSeconds: 3600, buckets: [bucket(0, { inserted: 5 }), bucket(1, { setAside: 2 })] };
  expect(rowKinds(history).map(({ words }) => words)).toEqual(['inserted', 'set aside']);
  const svg = markupOf(rowsChart(history));
  expect(svg).toContain('aria-label="Rows over time: 7 rows written or set aside"');
  expect(svg).not.toContain('var(--waiting)');
});

test('a stretch without a load falls to nothing', () => {
  const flat = { widthSeconds: 3600, buckets: [bucket(0, { inserted: 5 }), bucket(1, { inserted: 5 })] };
  const gap = { widthSeconds: 3600, buckets: [bucket(0, { inserted: 5 }), bucket(4, { inserted: 5 })] };
  const baseline = (history: typeof flat): number => {
    const path =
      /fill="var\(--fresh\)"[^>]*>\s*<path d="([^"]*)"/.exec(markupOf(rowsChart(history)))?.[1] ?? '';
    const heights = [...path.matchAll(/[ML][\d.]+,([\d.]+)/g)].map(([, y]) => Number(y));
    return heights.filter((y) => y === Math.max(...heights)).length;
  };
  expect(baseline(gap)).toBeGreaterThan(baseline(flat));
});

test('a year of stretches is light', () => {
  const buckets = Array.from({ length: 80 }, (_, place) =>
    bucket(place, {
      inserted: 1000 + place * 37,
      updated: place * 13,
      deleted: place % 3,
      setAside: place % 2,
      median: 30 + place,
      slow: 60 + place,
    }),
  );
  expect(markupOf(rowsChart({ widthSeconds: 3600, buckets })).length).toBeLessThan(15_000);
  expect(markupOf(durationsChart({ widthSeconds: 3600, buckets })).length).toBeLessThan(15_000);
  expect(drawn(ages(Array.from({ length: 120 }, (_, place) => 600 + place * 60))).length).toBeLessThan(
    15_000,
  );
});

test('lengths are shown in a unit that a reader counts in', () => {
  expect(timeUnit(45).name).toBe('seconds');
  expect(timeUnit(170).name).toBe('seconds');
  expect(timeUnit(180).name).toBe('minutes');
  expect(timeUnit(4500).name).toBe('minutes');
  expect(timeUnit(4 * 3600).name).toBe('hours');
  expect(timeUnit(30 * 86_400).name).toBe('days');
});
