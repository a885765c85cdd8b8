import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueAxis } from '../../../catalogue/charts/value-axis.ts';

const number = fc.double({ min: -1e12, max: 1e12, noNaN: true });
const share = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.9, 0.99, 0.999, 1));

test.each([
  ['value', number],
  ['age', number],
  ['share', share],
] as const)('%s: every value is in view, and every bound is, or is named at the edge', (unit, values) => {
  fc.assert(
    fc.property(
      fc.array(values, { minLength: 1, maxLength: 30 }),
      fc.array(values, { maxLength: 3 }),
      fc.array(values, { maxLength: 3 }),
      (seen, lower, upper) => {
        const axis = valueAxis(unit, { values: seen, lower, upper });
        const [low, high] = axis.domain;
        expect(Number.isFinite(low) && Number.isFinite(high) && low < high, `${low} to ${high}`).toBe(true);
        for (const value of seen) {
          expect(axis.at(value)).toBeGreaterThanOrEqual(low);
          expect(axis.at(value)).toBeLessThanOrEqual(high);
        }
        for (const [side, bounds] of [
          ['lower', lower],
          ['upper', upper],
        ] as const) {
          const latest = bounds.at(-1);
          if (latest === undefined) continue;
          const inView = axis.at(latest) >= low && axis.at(latest) <= high;
          expect(inView || axis.beyond.some((one) => one.side === side), `${side} ${latest}`).toBe(true);
        }
        for (const tick of axis.ticks ?? []) expect(axis.tickText(tick)).not.toMatch(/NaN|Infinity|e-/);
      },
    ),
    { numRuns: 300 },
  );
});

test('values take a sixth of the height at least: a bound that is too far off is left to the edge', () => {
  const near = valueAxis('value', { values: [100, 120], lower: [80], upper: [160] });
  expect(near.beyond).toEqual([]);
  expect(near.domain[0]).toBeLessThan(80);
  expect(near.domain[1]).toBeGreaterThan(160);
  const far = valueAxis('value', { values: [100, 120], lower: [80], upper: [20_000_000] });
  expect(far.beyond).toEqual([{ side: 'upper', text: '20 M' }]);
  expect(far.domain[1]).toBeLessThan(200);
});

test('99.9 % is no flat line at the top: nines are as far from each other', () => {
  const axis = valueAxis('share', { values: [0.97, 0.999, 0.9999, 1], lower: [0.99], upper: [] });
  const [low, high] = axis.domain;
  const height = (value: number): number => (axis.at(value) - low) / (high - low);
  expect(height(0.999) - height(0.99)).toBeCloseTo(height(0.9999) - height(0.999), 5);
  expect(height(0.9999)).toBeLessThan(0.85);
  expect(height(1)).toBeGreaterThan(0.9);
  expect((axis.ticks ?? []).map(axis.tickText)).toContain('100 %');
});

test('shares that are not near one stand on a plain scale, ages in the unit that suits them', () => {
  expect(valueAxis('share', { values: [0.5, 0.7], lower: [0.5], upper: [] }).at(0.6)).toBe(0.6);
  const axis = valueAxis('age', { values: [900, 2400], lower: [], upper: [3600] });
  expect(axis.label).toBe('minutes');
  expect(axis.at(1200)).toBe(20);
});
