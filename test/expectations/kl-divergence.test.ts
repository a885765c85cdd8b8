import { describe, expect, test } from 'vitest';
import { divergence, expectedWeights, weighValues } from '../../expectations/kl-divergence.ts';

describe('Kullback-Leibler divergence', () => {
  test('is none of a distribution from itself, whatever it sums to', () => {
    expect(divergence([1, 2, 1], [0.25, 0.5, 0.25])).toBe(0);
  });

  test('is as by hand', () => {
    expect(divergence([0.5, 0.5], [0.25, 0.75])).toBeCloseTo(0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 12);
  });

  test('is infinite where something occurs that has no weight, not the other way round', () => {
    expect(divergence([0.5, 0.5], [1, 0])).toBe(Infinity);
    expect(divergence([1, 0], [0.5, 0.5])).toBeCloseTo(Math.log(2), 12);
  });

  test('an infinite end becomes a tail, and the other tail is what is held out', () => {
    const partition = { bins: [-Infinity, 0, 1], weights: [0.4, 0.6] };
    expect(expectedWeights(partition, { tail: 0.5, internal: 0 })).toEqual({
      weights: [0.3],
      tails: [0.2, 0.5],
    });
  });

  test('bins expected to be empty share what is held out for them', () => {
    const partition = { bins: [0, 1, 2, 3], weights: [1, 0, 0] };
    expect(expectedWeights(partition, { tail: 0, internal: 0.5 })).toEqual({
      weights: [0.5, 0.25, 0.25],
      tails: [0, 0],
    });
  });

  test('values that are not expected share what is held out', () => {
    const weighed = weighValues(
      new Map([['b', 1]]),
      new Map([
        ['a', 1],
        ['b', 2],
        ['c', 1],
      ]),
      0.5,
    );
    expect(weighed).toEqual({
      values: ['a', 'b', 'c'],
      observed: [0.25, 0.5, 0.25],
      expected: [0.25, 0.5, 0.25],
    });
  });
});
