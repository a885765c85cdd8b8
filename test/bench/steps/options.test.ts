import { expect, test } from 'vitest';
import { readOptions } from '../../../bench/steps/options.ts';

test('without options everything is measured, as the aims are meant', () => {
  const { parts, rounds, hours, json } = readOptions([]);
  expect([...parts]).toEqual(['ready', 'runs', 'backfill', 'temporal', 'airflow', 'dagster', 'prefect']);
  expect({ rounds, hours, json }).toEqual({ rounds: 9, hours: 2000, json: false });
});

test('--quick and --skip-peers leave Weir alone', () => {
  expect([...readOptions(['--quick']).parts]).toEqual(['ready', 'runs', 'backfill']);
  expect([...readOptions(['--skip-peers', '--only', 'runs, airflow']).parts]).toEqual(['runs']);
  expect(readOptions(['--quick', '--hours', '40'])).toMatchObject({ rounds: 3, hours: 40 });
});

test.each([
  [['--only', 'gates'], /--only gates: expected some of ready, runs/],
  [['--rounds', '0'], /--rounds 0: expected a whole number from 1/],
  [['--hours', '3'], /--hours 3: expected a whole number from 20/],
])('%j is refused, with what was expected', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
