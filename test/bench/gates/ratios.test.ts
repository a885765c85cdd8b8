import { expect, test } from 'vitest';
import { median, medianSeconds, ratio, withBest } from '../../../bench/gates/ratios.ts';

const round = (seconds: Readonly<Record<string, number>>) => new Map(Object.entries(seconds));

test('the median is the middle one, whatever the order', () => {
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNull();
});

test('a ratio is taken within each round: a machine that slows down changes nothing', () => {
  const rounds = [round({ a: 1, b: 2 }), round({ a: 10, b: 20 }), round({ a: 3, b: 9 })];
  expect(ratio(rounds, 'a', 'b')).toBe(0.5);
  // Of the medians alone it would be 3 / 9.
  expect(medianSeconds(rounds, 'a')).toBe(3);
  expect(medianSeconds(rounds, 'b')).toBe(9);
});

test('a round without one of the two does not count', () => {
  expect(ratio([round({ a: 1 }), round({ a: 1, b: 4 })], 'a', 'b')).toBe(0.25);
  expect(ratio([round({ a: 1 })], 'a', 'b')).toBeNull();
});

test('the best of several is taken anew in each round', () => {
  const best = withBest(round({ x: 2, y: 1.5, other: 1 }), ['x', 'y'], 'hand-written');
  expect(best.winner).toBe('y');
  expect(best.round.get('hand-written')).toBe(1.5);
  expect(withBest(round({ other: 1 }), ['x', 'y'], 'hand-written').winner).toBeNull();
});
