import { existsSync } from 'node:fs';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { readerNames } from '../../../activities/extract/find-reader.ts';
import { until } from '../../poll.ts';
import { openConformance, record } from './conformance/harness.ts';
import type { Conformance, ReaderHarness, SourceRecord } from './conformance/harness.ts';

const names = await readerNames();

/** Every reader has a harness: a file of its name in `conformance/`. */
async function harnessOf(name: string): Promise<ReaderHarness> {
  const url = new URL(`./conformance/${name}.ts`, import.meta.url);
  if (!existsSync(url))
    throw new Error(`reader ${name} has no harness: write test/activities/extract/conformance/${name}.ts`);
  const module: { readonly harness: ReaderHarness } = await import(url.href);
  return module.harness;
}

/** Values that readers get wrong. */
const odd: readonly SourceRecord[] = [
  record('Ünïcode', 1, { name: 'Zoë 👍 ‮ "quoted", \\ and \' and \t and; |' }),
  record('newlines', 2, { name: 'one\r\ntwo\n\nfour\rfive' }),
  record('nothing', 3, { name: null, amount: null, at: null }),
  record('empty', 4, { name: '' }),
  record('words', 5, { name: 'NULL', amount: '-0.01' }),
  record('backslash', 6, { name: '\\N' }),
  record('huge', 7, { amount: '9999999999.99', big: '9223372036854775807' }),
  record('tiny', 8, { big: '-9223372036854775808' }),
  record('old', 9, { born: '0044-03-15 BC', at: '4713-01-01 00:00:00 BC' }),
  record('far', 10, { born: '9999-12-31', at: '9999-12-31 23:59:59.999999' }),
  record('nested', 11, {
    more: '{"a": [1, {"b": null, "c": ["é", "\\"", ""]}], "n": 12345678901234567890.5}',
  }),
  record('spaces ', 12, { name: '  both sides  ' }),
];

/** Byte by byte, as `collate "C"`. */
function byId(records: readonly SourceRecord[]): readonly SourceRecord[] {
  return records.toSorted((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));
}

describe.each(names)('%s', (name) => {
  let at: Conformance;
  const open = async (): Promise<ReaderHarness> => {
    const harness = await harnessOf(name);
    at = await openConformance(name.replaceAll('-', '_'), harness);
    return harness;
  };
  afterEach(() => at.close());

  test('lands each record once, as it is, however often it is asked', async () => {
    await open();
    expect(await at.extract()).toMatchObject({ rows: 0, rejected: 0 });
    await at.put(odd);
    expect(await at.extract()).toMatchObject({ rows: odd.length, rejected: 0 });
    expect(await at.rows()).toEqual(byId(odd));
    expect(await at.extract()).toMatchObject({ rows: 0, rejected: 0 });
    expect(await at.count()).toBe(odd.length);
  });

  test('is noted as read, and as having brought something when it did', async () => {
    await open();
    const noted = async () => {
      const { rows } = await sql<{ read_at: Date; brought_at: Date | null }>`
        select read_at, brought_at from control.source_read`.execute(at.database.admin);
      return rows[0];
    };
    await at.extract();
    const first = await noted();
    expect(first).toMatchObject({ brought_at: null });
    await at.put([record('a', 1)]);
    await at.extract();
    const brought = await noted();
    expect(brought?.brought_at).toEqual(brought?.read_at);
    await at.extract();
    const last = await noted();
    expect(last?.brought_at).toEqual(brought?.brought_at);
    expect(last?.read_at.getTime()).toBeGreaterThanOrEqual(brought?.read_at.getTime() ?? Number.NaN);
  });

  test('lands what came since, and nothing again', async () => {
    await open();
    await at.put([record('a', 1), record('b', 2)]);
    await at.extract();
    await at.put([record('c', 3)]);
    expect(await at.extract()).toMatchObject({ rows: 1 });
    expect((await at.rows()).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(await at.count()).toBe(3);
  });

  test('lands what two ask for at once, once', async () => {
    await open();
    const records = Array.from({ length: 500 }, (_, index) => record(`r${index}`, index + 1));
    await at.put(records);
    const done = await Promise.all([at.extract(), at.extract(), at.extract()]);
    expect(done.reduce((all, one) => all + one.rows, 0)).toBe(500);
    expect(await at.count()).toBe(500);
  });

  test('leaves nothing when it is killed midway, and lands it all the next time', async () => {
    await open();
    const { admin } = at.database;
    await at.put([record('a', 1)]);
    await at.extract();
    await at.put([record('b', 2), record('bad', 3, { amount: '1000000000000' }), record('c', 4)]);
    const blocker = await admin.startTransaction().execute();
    await sql`lock table bronze.raw_source in exclusive mode`.execute(blocker);
    const cut = at.extract().catch((error: unknown) => error);
    const pids = await until(
      async () => {
        const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
          where datname = current_database() and usename = 'weir_loader' and wait_event_type = 'Lock'`.execute(
          admin,
        );
        return rows.length > 0 && rows.map(({ pid }) => pid);
      },
      { what: 'the extract waits to write bronze' },
    );
    for (const pid of pids) await sql`select pg_terminate_backend(${pid}::int)`.execute(admin);
    expect(await cut).toBeInstanceOf(Error);
    await blocker.rollback().execute();
    expect([await at.count(), await at.quarantine()]).toEqual([1, []]);
    expect(await at.extract()).toMatchObject({ rows: 2, rejected: 1 });
    expect((await at.rows()).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  test('keeps a record that is none of its types, with position and reason and no value in it, once', async () => {
    await open();
    await at.put([record('a', 1), record('bad', 2, { amount: '1000000000000' }), record('b', 3)]);
    const done = await at.extract();
    expect(done).toMatchObject({ rows: 2, rejected: 1 });
    expect(JSON.stringify(done)).not.toContain('1000000000000');
    await at.put([record('c', 4)]);
    expect(await at.extract()).toMatchObject({ rows: 1, rejected: 0 });
    const kept = await at.quarantine();
    expect(kept).toEqual([
      {
        position: expect.stringMatching(/^[1-9][0-9]*$/),
        reason: 'amount is not numeric(12,2)',
        record: expect.stringContaining('1000000000000'),
      },
    ]);
    expect((await at.rows()).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    await at.change(record('bad', 5));
    await at.extract();
    expect((await at.rows()).map(({ id }) => id)).toEqual(['a', 'b', 'bad', 'c']);
  });

  test('sees what changes, and what goes as its kind does', async () => {
    const { kind } = await open();
    await at.put([record('a', 1), record('b', 2), record('c', 3)]);
    await at.extract();
    await at.change(record('b', 4, { name: 'other' }));
    await at.extract();
    expect((await at.rows()).map(({ id, name: value }) => [id, value])).toEqual([
      ['a', 'name of a'],
      ['b', 'other'],
      ['c', 'name of c'],
    ]);
    await at.change(record('b', 5));
    await at.extract();
    expect((await at.rows())[1]).toMatchObject({ name: 'name of b' });
    await at.remove('c');
    const gone = await at.extract();
    expect((await at.rows()).map(({ id }) => id)).toEqual(kind === 'arrivals' ? ['a', 'b', 'c'] : ['a', 'b']);
    if (kind === 'arrivals') expect(gone.misses).toMatch(/delete/);
    else expect(gone.misses).toBeUndefined();
    expect(await at.extract()).toMatchObject({ rows: 0, rejected: 0, retractedFiles: 0 });
  });

  test('lands 100,000 records once', async () => {
    await open();
    await at.put(Array.from({ length: 100_000 }, (_, index) => record(`r${index}`, index + 1)));
    expect(await at.extract()).toMatchObject({ rows: 100_000, rejected: 0 });
    const { rows } =
      await sql`select count(distinct id) as ids, count(*) as rows, count(distinct _position) as places
      from delta.raw_source`.execute(at.database.admin);
    expect(rows).toEqual([{ ids: 100_000, rows: 100_000, places: 100_000 }]);
  }, 180_000);
});
