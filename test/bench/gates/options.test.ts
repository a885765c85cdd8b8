import { expect, test } from 'vitest';
import { readOptions, takesPart } from '../../../bench/gates/options.ts';

test('without options everything that the issue lists', () => {
  const options = readOptions([]);
  expect(options.sizes).toEqual([
    { name: '1M', rows: 1_000_000 },
    { name: '10M', rows: 10_000_000 },
  ]);
  expect(options).toMatchObject({ rounds: null, only: null, json: false });
  expect(takesPart(options, 'anybody')).toBe(true);
});

test('sizes and names as people write them', () => {
  const options = readOptions(['--rows', '100k, 2M', '--only', 'weir,GX', '--rounds', '2']);
  expect(options.sizes).toEqual([
    { name: '100k', rows: 100_000 },
    { name: '2M', rows: 2_000_000 },
  ]);
  expect(options.rounds).toBe(2);
  expect(takesPart(options, 'GX SUMMARY')).toBe(true);
  expect(takesPart(options, 'dbt')).toBe(false);
});

test.each([
  ['--rows', '50k'],
  ['--rows', '21m'],
  ['--rows', 'many'],
  ['--rounds', '0'],
  ['--only', 'nobody'],
  ['--never'],
])('refuses %s %s', (...args) => {
  expect(() => readOptions(args)).toThrow();
});
