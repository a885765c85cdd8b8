import { expect, test } from 'vitest';
import { readOptions } from '../../../bench/docs/options.ts';
import { nothingMeasured, rowsOf, tableText, type Measured } from '../../../bench/docs/rows.ts';

const measured: Measured = {
  site: {
    seconds: 10,
    pages: 100,
    weights: [
      { page: 'index.html', value: 12_000 },
      { page: 'graph/index.html', value: 61_000 },
    ],
  },
  served: [
    { page: 'index.html', value: 120 },
    { page: 'models/a.html', value: 80 },
  ],
  peer: { seconds: 30, pages: 60 },
  evaluations: 1000,
  missing: [],
};

test('every row and aim is there, whatever was measured', () => {
  expect(rowsOf(nothingMeasured()).map(({ name, value, aim }) => [name, value, aim])).toEqual([
    ['whole static site built', null, 20],
    ['slowest page, served', null, 300],
    ['heaviest page, gzipped', null, 60],
    ['whole site, gzipped', null, null],
    ['a page of the static site', null, null],
  ]);
});

test('the slowest and the heaviest page count, and the peer by page', () => {
  expect(rowsOf(measured).map(({ value }) => value)).toEqual([10, 120, 61, 0.07, 100]);
  expect(rowsOf(measured).at(-1)?.peers).toEqual({ 'Great Expectations': 500 });
  const text = tableText(rowsOf(measured), measured);
  expect(text).toMatch(/heaviest page, gzipped +61\.0 +KB +60 +MISSED/);
  expect(text).toContain('heaviest, KB: graph/index.html 61.0, index.html 12.0');
});

test.each([
  [['--models', '0'], '--models 0: expected a whole number'],
  [['--only', 'everything'], '--only everything: expected some of built, served, peer'],
])('%j is refused', (args, says) => {
  expect(() => readOptions(args)).toThrow(says);
});
