import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { did, line, openLanding, rows } from './landing.ts';
import type { Landing } from './landing.ts';

let landing: Landing;
beforeEach(async () => {
  landing = await openLanding();
});
afterEach(() => landing.close());

const file = 'hour.jsonl';
const content = (...ids: string[]): string => ids.map((id) => line(id)).join('');

/** The notes of what landed, oldest first: revision, rows, rejected lines, and the minute of the file. */
async function notes(): Promise<readonly (readonly number[])[]> {
  const { rows: found } = await sql<{ note: number[] }>`
    select array[revision, rows_landed, rows_rejected, extract(minute from modified_at)]::int[] as note
    from control.landing where file = ${file} order by revision`.execute(landing.admin);
  return found.map(({ note }) => note);
}

/** Which revision took the place of which. */
async function retractions(): Promise<readonly (readonly number[])[]> {
  const { rows: found } = await sql<{ pair: number[] }>`
    select array[revision, replaced_by] as pair from control.retraction where source = 'raw_transactions' and file = ${file}
    order by revision`.execute(landing.admin);
  return found.map(({ pair }) => pair);
}

describe('a file that is known', () => {
  test('is not read again while size and time are what they were', async () => {
    await landing.deliver(file, content('A'), 1);
    await landing.extract();
    await landing.deliver(file, content('B'), 1);
    expect(await landing.extract()).toEqual(did({}));
    expect(await landing.bronze(file)).toEqual(rows(['A']));
  });

  test('and was touched is the same, and noted so as not to be read a second time', async () => {
    await landing.deliver(file, content('A'), 1);
    await landing.extract();
    await landing.deliver(file, content('A'), 2);
    expect(await landing.extract()).toEqual(did({}));
    expect(await notes()).toEqual([[1, 1, 0, 2]]);
    await landing.deliver(file, content('B'), 2);
    expect(await landing.extract()).toEqual(did({}));
    expect(await landing.seen(file)).toEqual(rows(['A']));
  });

  test('and has other content is a new revision; the one before is out of every read and stays in bronze', async () => {
    await landing.deliver(file, `${content('A', 'B')}secret\n`, 1);
    await landing.extract();
    await landing.deliver(file, content('A', 'C'), 2);
    expect(await landing.extract()).toEqual(did({ files: 1, rows: 2, retractedFiles: 1 }));
    expect(await landing.seen(file)).toEqual(rows(['A', 'C'], 2));
    expect(await landing.bronze(file)).toEqual([...rows(['A', 'B']), ...rows(['A', 'C'], 2)]);
    expect(await retractions()).toEqual([[1, 2]]);
    expect(await landing.quarantine()).toMatchObject([{ revision: 1, line: 3 }]);
  });

  test('of another content of the same size too', async () => {
    await landing.deliver(file, content('A'), 1);
    await landing.extract();
    await landing.deliver(file, content('B'), 2);
    expect(await landing.extract()).toEqual(did({ files: 1, rows: 1, retractedFiles: 1 }));
    expect(await landing.seen(file)).toEqual(rows(['B'], 2));
  });

  test('comes a third time, and an earlier content comes back: each is a revision, and the last one stands', async () => {
    for (const [minute, id] of ['A', 'B', 'A', 'A'].entries()) {
      await landing.deliver(file, content(id), minute);
      await landing.extract();
    }
    expect(await notes()).toEqual([
      [1, 1, 0, 0],
      [2, 1, 0, 1],
      [3, 1, 0, 3],
    ]);
    expect(await retractions()).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(await landing.seen(file)).toEqual(rows(['A'], 3));
  });

  test('is emptied: nothing of it is read any more', async () => {
    await landing.deliver(file, content('A'), 1);
    await landing.extract();
    await landing.deliver(file, '', 2);
    expect(await landing.extract()).toEqual(did({ files: 1, retractedFiles: 1 }));
    expect(await landing.seen(file)).toEqual([]);
  });

  test('goes away: what landed stays', async () => {
    await landing.deliver(file, content('A'), 1);
    await landing.extract();
    await rm(join(landing.folder, file));
    expect(await landing.extract()).toEqual(did({}));
    expect(await landing.seen(file)).toEqual(rows(['A']));
  });

  test('under another name is another file', async () => {
    await landing.deliver(file, content('A'), 1);
    await landing.deliver(`copy/${file}`, content('A'), 1);
    expect(await landing.extract()).toEqual(did({ files: 2, rows: 2 }));
    expect(await landing.seen(`copy/${file}`)).toEqual(rows(['A']));
  });
});

test('a packed file that breaks takes nothing away; mended, it takes the place of all before it', async () => {
  const packed = 'hour.jsonl.gz';
  const [first, second] = [gzipSync(content('A')), gzipSync(content('A', 'B'))];
  await landing.deliver(packed, first, 1);
  await landing.extract();
  await landing.deliver(packed, second.subarray(0, -10), 2);
  expect(await landing.extract()).toEqual(did({ files: 1, rejected: 1 }));
  expect(await landing.seen(packed)).toEqual(rows(['A']));
  await landing.deliver(packed, second, 3);
  expect(await landing.extract()).toEqual(did({ files: 1, rows: 2, retractedFiles: 1 }));
  expect(await landing.seen(packed)).toEqual(rows(['A', 'B'], 3));
  expect((await landing.quarantine()).map(({ revision, line: at }) => [revision, at])).toEqual([[2, 0]]);
});

test('a later revision has a higher load sequence, so that its rows are later than those it replaces', async () => {
  await landing.deliver(file, content('A'), 1);
  await landing.extract();
  await landing.deliver('other.jsonl', content('X'), 1);
  await landing.extract();
  await landing.deliver(file, content('B'), 2);
  await landing.extract();
  const { rows: found } = await sql<{ id: string }>`
    select transaction_id as id from bronze.raw_transactions order by _load`.execute(landing.admin);
  expect(found.map(({ id }) => id)).toEqual(['A', 'X', 'B']);
});
