import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sumFiles, sumFolder } from '../../../infra/demo/sums.ts';

const script = join(import.meta.dirname, '../../../infra/demo/sums.ts');

function sale(id: string | null, changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    transaction_id: id,
    store_id: 'S1',
    transaction_timestamp: '2017-01-06T14:00:00Z',
    total_amount: '0.10',
    ...changes,
  });
}

const day = (rows: number, gross_sales: string, changes: object = {}) => ({
  store_id: 'S1',
  day: '2017-01-06',
  rows,
  transactions: rows,
  gross_sales,
  ...changes,
});

describe('sums of files', () => {
  it('are exact where floating point is not', () => {
    const lines = Array.from({ length: 1_000 }, (_, n) => sale(`T${n}`));
    expect(sumFiles([lines.join('\n')]).sums).toEqual([day(1_000, '100.00')]);
    expect(
      sumFiles([`${sale('A', { total_amount: '99999.99' })}\n${sale('B', { total_amount: '0.01' })}`]).sums,
    ).toEqual([day(2, '100000.00')]);
  });

  it('take amounts as text or numbers, and round a third decimal away from zero', () => {
    const lines = ['1.005', 1.5, '2', '-0.001'].map((total_amount, n) => sale(`T${n}`, { total_amount }));
    expect(sumFiles([lines.join('\n')]).sums).toEqual([day(4, '4.51')]);
  });

  it('count nothing below zero and believe nothing over 100,000', () => {
    const amounts = ['-5.00', '100000.00', '100000.01', '250000.00'];
    const lines = amounts.map((total_amount, n) => sale(`T${n}`, { total_amount }));
    expect(sumFiles([lines.join('\n')]).sums).toEqual([day(4, '100000.00')]);
    expect(sumFiles([sale('T', { total_amount: '250000.00' })]).sums).toEqual([day(1, '0.00')]);
  });

  it('skip lines that are no records, and say how many', () => {
    const nameless = JSON.stringify({ store_id: 'S1', total_amount: '5.00' });
    const sums = sumFiles([
      [sale('A'), '{"transaction_id":"B","sto', '', nameless, '[1]', 'null'].join('\n'),
    ]);
    expect(sums).toEqual({ files: 1, lines: 5, skipped: 4, sums: [day(1, '0.10')] });
  });

  it('leave out records without an id, a store or an amount', () => {
    const lines = [sale(null), sale('B', { store_id: null }), sale('C', { total_amount: null }), sale('D')];
    expect(sumFiles([lines.join('\n')])).toMatchObject({ skipped: 0, sums: [day(1, '0.10')] });
  });

  it('let the later of two records of one transaction stand, wherever it moves', () => {
    const first = [sale('A', { total_amount: '7.00' }), sale('B')].join('\n');
    const later = sale('A', {
      total_amount: '3.00',
      store_id: 'S2',
      transaction_timestamp: '2017-01-07T00:00:00Z',
    });
    expect(sumFiles([first, later]).sums).toEqual([
      day(1, '0.10'),
      day(1, '3.00', { store_id: 'S2', day: '2017-01-07' }),
    ]);
  });

  it('take days in UTC, whatever zone a time is written in', () => {
    const lines = [
      sale('A', { transaction_timestamp: '2017-01-06T20:00:00-05:00' }),
      sale('B', { transaction_timestamp: '2017-01-07T00:00:00' }),
    ];
    expect(sumFiles([lines.join('\n')]).sums).toEqual([day(2, '0.20', { day: '2017-01-07' })]);
  });
});

describe('the script', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weir-sums-'));
    await writeFile(join(folder, 'b.jsonl'), `${sale('A', { total_amount: '3.00' })}\n`);
    await writeFile(join(folder, 'a.jsonl'), `${sale('A', { total_amount: '7.00' })}\n${sale('B')}\n`);
    await writeFile(join(folder, 'c.jsonl.tmp'), 'half a li');
  });
  afterAll(() => rm(folder, { recursive: true }));
  const run = (...words: string[]) => promisify(execFile)(process.execPath, [script, ...words]);

  it('adds up the files of a folder by name', async () => {
    const { stdout } = await run(folder, '--json');
    const expected = { files: 2, lines: 3, skipped: 0, sums: [day(2, '3.10')] };
    expect(JSON.parse(stdout)).toEqual(expected);
    expect(await sumFolder(folder)).toEqual(expected);
    expect(await sumFolder(folder, (name) => name === 'a')).toMatchObject({ sums: [day(2, '7.10')] });
  });

  it('prints a table for people', async () => {
    expect((await run(folder)).stdout).toMatch(/^S1 +2017-01-06 +2 +2 +3\.10$/m);
  });

  it('says what it needs when it gets nothing to read', async () => {
    await expect(run()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Usage: ') as string,
    });
    await expect(run(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 1 });
  });

  it('imports nothing of Weir and no Postgres', async () => {
    const imports = [...(await readFile(script, 'utf8')).matchAll(/from '([^']+)'/g)].map(([, from]) => from);
    expect(imports.filter((from) => !from?.startsWith('node:'))).toEqual([]);
  });
});
