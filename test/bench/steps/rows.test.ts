import { expect, test } from 'vitest';
import { rowsOf } from '../../../bench/steps/rows.ts';
import type { Measured } from '../../../bench/steps/rows.ts';
import { tableText } from '../../../bench/steps/table.ts';

const nothing: Measured = { weir: {}, peers: new Map(), backfill: null, notes: [], missing: [] };

test('every row and aim of the issue is there, whatever was measured', () => {
  expect(rowsOf(nothing).map(({ name, unit, aim, value }) => [name, unit, aim, value])).toEqual([
    ['a run of ten steps', 's', 0.4, null],
    ['20 runs of ten steps at once', 's', 4, null],
    ['ready when installed', 's', 8, null],
    ['idle memory: Postgres, Temporal and a worker', 'MB', 600, null],
    ['an empty hour of a backfill of 2,000, 20 wide, over four restarts', 'ms', 60, null],
  ]);
  expect(rowsOf(nothing)[0]?.peers).toEqual({
    'Temporal bare': null,
    Airflow: null,
    Dagster: null,
    Prefect: null,
  });
});

test('a row has the median, and what the others took beside it', () => {
  const measured: Measured = {
    ...nothing,
    weir: { tenSteps: [0.5, 0.25, 0.3] },
    peers: new Map([['Airflow', { tenSteps: [12, 15, 12] }]]),
  };
  const [row] = rowsOf(measured);
  expect(row).toMatchObject({ value: 0.3, peers: { Airflow: 12, Prefect: null } });
  const text = tableText(rowsOf(measured), { notes: ['A note.'] });
  expect(text).toMatch(/a run of ten steps +0\.30 +s +0\.4 +holds +– +12\.00 \(40 x\)/);
  expect(text).toContain('not measured');
  expect(text).toContain('A note.');
});

test('a backfill of other lengths is not what the aim is about', () => {
  const rows = rowsOf({ ...nothing, backfill: { hours: 100, milliseconds: 42 } });
  expect(rows.slice(-2)).toMatchObject([
    { value: null, aim: 60 },
    { value: 42, aim: null },
  ]);
  expect(rowsOf({ ...nothing, backfill: { hours: 2000, milliseconds: 42.1234 } }).at(-1)).toMatchObject({
    value: 42.123,
    aim: 60,
  });
});
