import { expect, test } from 'vitest';
import { rowsOf } from '../../../bench/gates/rows.ts';
import type { Phase, Row } from '../../../bench/gates/rows.ts';
import { tableText } from '../../../bench/gates/table.ts';

/** The rows: what is divided, and what it must not exceed. */
const listed = {
  '1M, no index: Weir / hand-written': 1.2,
  '10M, no index: Weir / hand-written': 1,
  '10M, no index: Weir / Soda Core': 1,
  '1M, unique index: Weir / hand-written': 0.55,
  '10M, unique index: Weir / hand-written': 0.35,
  '1M, no index: Weir / GX SUMMARY': 0.25,
  '1M, unique index: Weir / GX SUMMARY': 0.125,
};

function phase(size: string, seconds: Readonly<Record<string, number>>): Phase {
  return { size, indexed: 'no index', rounds: [new Map(Object.entries(seconds))] };
}

function row(rows: readonly Row[], name: string): Row | undefined {
  return rows.find((one) => one.name === name);
}

test('every row and aim of the issue is there, whatever was measured', () => {
  for (const phases of [[], [phase('100k', { Weir: 1 })]]) {
    const rows = rowsOf(phases, new Map());
    for (const [name, aim] of Object.entries(listed))
      expect(row(rows, name), name).toMatchObject({ value: null, unit: 'ratio', aim });
    for (const name of ['Weir, gate inside a run', 'Weir, gate inside a run, by Temporal'])
      expect(row(rows, `1M, no index: ${name} / Weir`), name).toMatchObject({ value: null, aim: null });
  }
});

test('a row has the ratio of Weir, and that of each other tool to the same', () => {
  const seconds = { Weir: 1, 'hand-written': 2, 'GX SUMMARY': 10, 'Soda Core': 3, dbt: 4 };
  const rows = rowsOf([phase('1M', seconds)], new Map([['Weir', 0.5]]));
  expect(row(rows, '1M, no index: Weir / hand-written')).toEqual({
    name: '1M, no index: Weir / hand-written',
    value: 0.5,
    unit: 'ratio',
    aim: 1.2,
    peers: { 'GX SUMMARY': 5, 'GX BOOLEAN_ONLY': null, 'Soda Core': 1.5, dbt: 2 },
  });
  expect(row(rows, '1M, no index: Weir / GX SUMMARY')).toMatchObject({ value: 0.1 });
  expect(rows.at(-1)).toMatchObject({ value: 0.5, unit: 's', aim: null });
});

test('another size has rows of its own, without an aim', () => {
  const rows = rowsOf([phase('100k', { Weir: 1, 'hand-written': 1 })], new Map());
  expect(row(rows, '100k, no index: Weir / hand-written')).toMatchObject({ value: 1, aim: null });
});

test('the table says of each aim whether it holds, and of a missing value that it is missing', () => {
  const phases = [phase('1M', { Weir: 3, 'hand-written': 2, 'GX SUMMARY': 20 })];
  const startUps = new Map([['Weir', 0.7]]);
  const lines = tableText(rowsOf(phases, startUps), phases, startUps).split('\n');
  const line = (name: string) => lines.find((one) => one.startsWith(name)) ?? '';
  expect(line('1M, no index: Weir / hand-written')).toMatch(/1\.50 +1\.2 +MISSED +10\.00 +– +– +–$/);
  expect(line('1M, no index: Weir / GX SUMMARY')).toMatch(/0\.15 +0\.25 +holds/);
  expect(line('10M, no index: Weir / Soda Core')).toMatch(/– +1 +not measured/);
  expect(line('seconds, medians')).toMatch(/1M, no index +start-up$/);
  expect(line('Weir ')).toMatch(/^Weir +3\.000 +0\.700$/);
  expect(line('Soda Core')).toMatch(/^Soda Core +–$/);
});
