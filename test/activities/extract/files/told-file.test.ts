import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { toldFile } from '../../../../activities/extract/files/told-file.ts';
import { isSource } from '../../../../models/model.ts';
import { parseModel } from '../../../../models/parse.ts';

const FILE = 'models/bronze/raw_transactions.sql';
const source = await parseModel(FILE, await readFile(FILE, 'utf8'));
if (!isSource(source)) throw new Error(`${FILE} is no source`);
const told = (name: string): string => toldFile(source, name);

test.each([
  'transactions-2017-01-02-08.jsonl',
  '2017/01/02/T08.csv.gz',
  'raw_transactions_20170102T0800Z.json',
  'part-0012.jsonl',
  '2017-01-02T07.csv',
])('%s says nothing of anybody and stays', (name) => {
  expect(told(name)).toBe(name);
});

test.each([
  ['Jo Doe.jsonl', /^….jsonl \(file [0-9a-f]{8}\)$/],
  ['transactions-jo.doe@example.com-2017-01-02.jsonl', /^transactions-….*-2017-01-02.jsonl \(file/],
  ['2017-01-02_4111111111111111.csv', /^2017-01-02_….csv \(file [0-9a-f]{8}\)$/],
])('of %s what may be somebody’s is left out', (name, shown) => {
  expect(told(name)).toMatch(shown);
  expect(told(name)).not.toMatch(/jo.?doe|example|4111/i);
});

test('two names that differ are told apart', () => {
  expect(told('ada.csv')).not.toBe(told('bob.csv'));
});
