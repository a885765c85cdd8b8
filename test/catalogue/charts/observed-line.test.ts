import fc from 'fast-check';
import { expect, test } from 'vitest';
import { observedLine } from '../../../catalogue/charts/observed-line.ts';
import { markupOf } from '../../../catalogue/html.ts';
import type { Bucket, PromiseUnit } from '../../../catalogue/read/promise-history.ts';
import { bucket, from, to } from './buckets.ts';

function drawn(series: readonly Bucket[], unit: PromiseUnit = 'value'): string {
  return markupOf(observedLine(series, { title: 'rows', unit, from, to }));
}

const BOUND = /stroke="var\(--fail\)"[^>]*stroke-dasharray|stroke-dasharray[^>]*stroke="var\(--fail\)"/g;

/** The path of the line itself. */
function linePath(markup: string): string {
  const group = /<g [^>]*stroke="var\(--link\)"[^>]*><path d="([^"]*)"/.exec(markup);
  return group?.[1] ?? '';
}

test('whatever came back: nothing is NaN, the chart stays small, and it has its name', () => {
  const value = fc.oneof(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.constantFrom(0, 1, NaN, Infinity),
  );
  const bound = fc.option(value, { nil: null });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(119), { maxLength: 120 }),
      fc.array(fc.tuple(value, value, bound, bound, fc.constantFrom('held', 'broken', 'errored')), {
        minLength: 120,
        maxLength: 120,
      }),
      fc.constantFrom('value', 'age', 'share'),
      (places, values, unit) => {
        const series = places
          .toSorted((a, b) => a - b)
          .map((place) => {
            const [one = 0, other = 0, lower = null, upper = null, worst = 'held'] = values[place] ?? [];
            const [a, b] = unit === 'share' ? [Math.abs(one % 1), Math.abs(other % 1)] : [one, other];
            return bucket(place, a, { low: Math.min(a, b), high: Math.max(a, b), lower, upper, worst });
          });
        const markup = drawn(series, unit);
        expect(markup.match(/NaN|Infinity|undefined/g)).toBeNull();
        if (markup !== '') expect(markup).toContain('aria-label="rows');
        expect(markup.length).toBeLessThan(30_000);
      },
    ),
    { numRuns: 60 },
  );
});

test('nothing to draw is no chart', () => {
  expect(observedLine([], { title: 'rows', unit: 'value', from, to })).toBeNull();
  expect(drawn([bucket(0, NaN)])).toBe('');
});

test('one point is a dot, and so is one that stands alone', () => {
  expect(drawn([bucket(3, 10)])).toContain('<circle');
  const apart = [...Array.from({ length: 20 }, (_, index) => bucket(index, 10 + index)), bucket(60, 12)];
  expect(drawn(apart).match(/<circle/g)).toHaveLength(1);
});

test('a line has a gap where nothing was evaluated', () => {
  const whole = Array.from({ length: 60 }, (_, index) => bucket(index, 10 + (index % 7)));
  expect(linePath(drawn(whole)).match(/M/g)).toHaveLength(1);
  const gap = whole.filter((_, index) => index < 20 || index > 30);
  expect(linePath(drawn(gap)).match(/M/g)).toHaveLength(2);
});

test('a series of every day is one line, though most stretches of six hours have nothing', () => {
  const daily = Array.from({ length: 30 }, (_, index) => bucket(index * 4, index));
  expect(linePath(drawn(daily)).match(/M/g)).toHaveLength(1);
});

test('a constant series with its bound on it is drawn', () => {
  const markup = drawn(Array.from({ length: 10 }, (_, index) => bucket(index, 23, { upper: 23 })));
  expect(markup.match(BOUND)).toHaveLength(1);
});

test('a bound that changed is a step, what broke a cross and what could not be checked a diamond', () => {
  const series = Array.from({ length: 40 }, (_, index) =>
    bucket(index, 100 + (index % 9), {
      lower: index < 20 ? 90 : 95,
      worst: index === 5 ? 'broken' : index === 6 ? 'errored' : 'held',
    }),
  );
  const markup = drawn(series);
  const [, path = ''] =
    /stroke="var\(--fail\)"[^>]*stroke-dasharray="4 3"[^>]*><path d="([^"]*)"/.exec(
      markup.replaceAll(/<g ([^>]*)>/g, (_, attributes: string) => `<g ${sorted(attributes)}>`),
    ) ?? [];
  const heights = new Set([...path.matchAll(/[\d.]+,([\d.]+)/g)].map(([, y]) => y));
  expect(heights.size).toBe(2);
  expect(markup).toContain('stroke="var(--error)"');
  expect(markup).toContain('outside in 2 stretches');
});

/** Attributes in an order that a test can rely on. */
function sorted(attributes: string): string {
  const all = attributes.match(/[\w-]+="[^"]*"/g) ?? [];
  return all
    .toSorted((a, b) => Number(a.startsWith('stroke-dash')) - Number(b.startsWith('stroke-dash')))
    .join(' ');
}
