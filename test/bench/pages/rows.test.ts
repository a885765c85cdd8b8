import { expect, test } from 'vitest';
import { readOptions } from '../../../bench/pages/options.ts';
import { percentile, rowsOf, tableText } from '../../../bench/pages/rows.ts';

test('every row and aim of the issue is there, whatever was measured', () => {
  expect(rowsOf({ verdicts: [], files: [], missing: [] })).toEqual([
    { name: 'verdict to incident open, p99', value: null, unit: 's', aim: 2, peers: {} },
    {
      name: 'bad file landed under the one-minute schedule to incident open',
      ...{ value: null, unit: 's', aim: 75, peers: {} },
    },
  ]);
});

test('a row is the 99th percentile of all gates, the other the slowest of all files', () => {
  const verdicts = Array.from({ length: 110 }, (_, at) => (at + 1) / 100);
  const measured = {
    verdicts,
    files: [
      { second: 7, seconds: 63.2 },
      { second: 52, seconds: 76 },
    ],
    missing: [],
  };
  const rows = rowsOf(measured);
  expect(rows.map(({ value }) => value)).toEqual([1.09, 76]);
  const text = tableText(rows, measured);
  expect(text).toMatch(/verdict to incident open, p99 +1\.09 +s +2 +0\.5\d +holds/);
  expect(text).toMatch(/bad file landed .* 76\.00 +s +75 +1\.01 +MISSED/);
  expect(text).toContain(':07 63.2, :52 76.0');
});

test('the percentile of few is the slowest, of none nothing', () => {
  expect(percentile([3, 1, 2], 0.99)).toBe(3);
  expect(percentile([], 0.99)).toBe(null);
});

test('options: everything as the aims are meant; what cannot be is refused with what was expected', () => {
  expect(readOptions([])).toMatchObject({ gates: 110, files: 12, json: false });
  expect(readOptions(['--quick'])).toMatchObject({ gates: 10, files: 2 });
  expect(() => readOptions(['--gates', '500'])).toThrow('--gates 500: expected a whole number from 1 to 118');
  expect(() => readOptions(['--only', 'gates'])).toThrow('--only gates: expected some of verdicts, minutes');
});
