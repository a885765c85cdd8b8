import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { did, openLanding } from './landing.ts';
import type { Landing } from './landing.ts';

let landing: Landing;
beforeEach(async () => {
  landing = await openLanding();
});
afterEach(() => landing.close());

const header = 'sku,store_id,on_hand_qty,reserved_qty,last_count_ts';
const row = (sku: string, quantity = '1'): string => `${sku},S1,${quantity},0,2017-01-02T10:00:00`;

async function deliver(name: string, content: string | Uint8Array): Promise<void> {
  const path = join(landing.folder, '..', 'inventory', name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

const extract = (): ReturnType<Landing['extract']> => landing.extract('raw_inventory');

/** Line, product and count of what landed. */
async function bronze(): Promise<unknown> {
  const { rows } = await sql<{ row: unknown[] }>`
    select jsonb_build_array(_position, sku, on_hand_qty) as row from delta.raw_inventory order by _source, _position`.execute(
    landing.admin,
  );
  return rows.map((one) => one.row);
}

async function kept(): Promise<unknown> {
  const { rows } = await sql<{ row: unknown[] }>`
    select jsonb_build_array(position, reason, coalesce(record, encode(record_bytes, 'escape'))) as row from control.quarantine
    where relation = 'bronze.raw_inventory' order by file, position`.execute(landing.admin);
  return rows.map((one) => one.row);
}

describe('a CSV file', () => {
  test('lands by the names of its header row; a bad record is kept with its line and reason', async () => {
    const lines = [
      header,
      row('A'),
      row('B', 'secret'),
      'C,S1',
      row('D"x'),
      row('"E\r\ne"', ''),
      row('F', '""'),
      row('G', '7'),
    ];
    await deliver('a.csv', lines.join('\r\n'));
    expect(await extract()).toEqual(did({ files: 1, rows: 3, rejected: 4 }));
    expect(await bronze()).toEqual([
      [2, 'A', 1],
      [6, 'E\r\ne', null],
      [9, 'G', 7],
    ]);
    expect(await kept()).toEqual([
      [3, 'on_hand_qty is not integer', row('B', 'secret')],
      [4, '2 fields where the header row has 5', 'C,S1'],
      [5, 'a quote in a field that is not quoted, or text behind a closing quote', row('D"x')],
      [8, 'on_hand_qty is not integer', row('F', '""')],
    ]);
  });

  test('may be packed, and have a byte order mark; bytes that are no text are kept as they are', async () => {
    const latin1 = Buffer.from('\n"Zo\xeb\nx",S1,1,0,\n', 'latin1');
    await deliver(
      'a.csv.gz',
      gzipSync(Buffer.concat([Buffer.from(`\ufeff${header}\n${row('A')}`), latin1, Buffer.from(row('B'))])),
    );
    expect(await extract()).toEqual(did({ files: 1, rows: 2, rejected: 1 }));
    expect(await bronze()).toEqual([
      [2, 'A', 1],
      [5, 'B', 1],
    ]);
    expect(await kept()).toEqual([[3, 'not UTF-8 text, or with a NUL byte', '"Zo\\353\nx",S1,1,0,']]);
  });

  test('may have columns that nobody reads, which are named, and no record', async () => {
    await deliver('a.csv', `note,${header}\nhello,${row('A')}\n`);
    await deliver('b.csv', `${header}\n`);
    await deliver('c.csv', '');
    expect(await extract()).toEqual(did({ files: 3, rows: 1, unread: ['note'] }));
  });

  test('larger than what is read at once loses no record', async () => {
    const many = Array.from({ length: 60_000 }, (_, index) => row(`"SKU\n${index}"`));
    await deliver('a.csv', [header, ...many].join('\n'));
    expect(await extract()).toEqual(did({ files: 1, rows: 60_000 }));
    const { rows } =
      await sql`select count(distinct sku) as skus, max(_position) as last from bronze.raw_inventory`.execute(
        landing.admin,
      );
    expect(rows).toEqual([{ skus: 60_000, last: 120_000 }]);
  });
});

describe('what a CSV file is not any more', () => {
  const mend =
    /Have the file delivered again as it was agreed, or .* models\/bronze\/raw_inventory\.sql; then reloadAndRetry/;

  test('a column that its header row lacks, or has twice: nothing of it lands, all else does, until it is mended', async () => {
    await deliver('a.csv', `${header}\n${row('A')}\n`);
    await deliver('b.csv', `store_id,sku,sku,reserved_qty,last_count_ts\n${row('B')}\n`);
    const { drift = [], ...done } = await extract();
    expect(done).toEqual(did({ files: 1, rows: 1 }));
    expect(drift).toEqual([
      {
        column: 'sku',
        problem: 'the header row of b.csv has sku 2 times',
        mend: expect.stringMatching(mend),
      },
      {
        column: 'on_hand_qty',
        problem: 'the header row of b.csv has no on_hand_qty',
        mend: expect.stringMatching(mend),
      },
    ]);
    const open = sql`select column_name from control.source_drift where source = 'raw_inventory' and cleared_at is null`;
    expect((await open.execute(landing.admin)).rows).toHaveLength(2);
    await deliver('b.csv', `${header}\n${row('B')}\n`);
    expect(await extract()).toEqual(did({ files: 1, rows: 1 }));
    expect((await open.execute(landing.admin)).rows).toEqual([]);
  });

  test('a file without a header row says no word of its first record', async () => {
    await deliver('a.csv', `${row('secret')}\n`);
    const done = await extract();
    expect(done.drift).toHaveLength(5);
    expect(JSON.stringify(done)).not.toContain('secret');
  });

  test('a column whose values are mostly of another type; a few bad ones are only kept', async () => {
    const rows = (bad: number): string =>
      [header, ...Array.from({ length: 20 }, (_, at) => row(`S${at}`, at < bad ? 'x' : '1'))].join('\n');
    await deliver('a.csv', rows(10));
    expect(await extract()).toEqual(did({ files: 1, rows: 10, rejected: 10 }));
    await deliver('b.csv', rows(11));
    expect(await extract()).toMatchObject({
      rows: 0,
      rejected: 0,
      drift: [
        {
          column: 'on_hand_qty',
          problem: '11 of the 20 records of b.csv have a on_hand_qty that is not integer',
        },
      ],
    });
    expect(await kept()).toHaveLength(10);
  });
});
