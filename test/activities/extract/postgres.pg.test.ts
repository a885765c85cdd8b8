import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { createExtract } from '../../../activities/extract.ts';
import { openSources } from '../../../workers/sources.ts';
import { folders, runOf } from '../shop.ts';
import { harness as cursor } from './conformance/postgres-cursor.ts';
import { harness as hash } from './conformance/postgres-hash.ts';
import { harness as snapshot } from './conformance/postgres-snapshot.ts';
import { openConformance, record } from './conformance/harness.ts';
import type { Conformance } from './conformance/harness.ts';

let at: Conformance;
afterEach(() => at.close());

const ids = async (): Promise<readonly string[]> => (await at.rows()).map(({ id }) => id);

describe('by snapshot', () => {
  test('a row that commits late is met, whatever committed before it, and none twice', async () => {
    at = await openConformance('postgres_snapshot', snapshot);
    const { admin } = at.database;
    await at.put([record('a', 1)]);
    await at.extract();
    const late = await admin.startTransaction().execute();
    await sql`insert into outside.records (id, seq) values ('late', 2)`.execute(late);
    await at.put([record('b', 3)]);
    expect(await at.extract()).toMatchObject({ rows: 1 });
    await late.commit().execute();
    await at.put([record('c', 4)]);
    expect(await at.extract()).toMatchObject({ rows: 2 });
    expect(await at.extract()).toMatchObject({ rows: 0 });
    expect([await ids(), await at.count()]).toEqual([['a', 'b', 'c', 'late'], 4]);
  });

  test('another server, or a restored one, is refused and says how to go on', async () => {
    at = await openConformance('postgres_snapshot', snapshot);
    await at.put([record('a', 1)]);
    await at.extract();
    await sql`update control.source_watermark set timeline = 99`.execute(at.database.admin);
    await expect(at.extract()).rejects.toMatchObject({
      type: 'WatermarkForeign',
      nonRetryable: true,
      message: expect.stringMatching(
        /restored, upgraded or failed over.*delete from control\.source_watermark where source = 'raw_source'/,
      ),
    });
    await sql`delete from control.source_watermark where source = 'raw_source'`.execute(at.database.admin);
    expect(await at.extract()).toMatchObject({ rows: 1 });
    expect(await ids()).toEqual(['a']);
  });

  test('a table without its xid column says what to run at the source', async () => {
    at = await openConformance('postgres_snapshot', snapshot);
    await sql`alter table outside.records drop column _xid`.execute(at.database.admin);
    expect(await at.extract()).toMatchObject({
      drift: [
        {
          column: '_xid',
          problem: 'outside.records has no column _xid',
          mend: expect.stringContaining(
            'alter table outside.records add column _xid xid8 not null default pg_current_xact_id()',
          ),
        },
      ],
    });
  });
});

describe('by cursor', () => {
  test('the lookback finds what commits late, and beyond it a row is missed, as is said', async () => {
    at = await openConformance('postgres_cursor', cursor);
    await at.put([record('a', 5000)]);
    await at.extract();
    await at.put([record('late', 4000), record('too late', 3999)]);
    expect(await at.extract()).toMatchObject({
      rows: 1,
      misses: expect.stringMatching(
        /^Misses: a row that commits with a seq more than 1000 below the highest there was/,
      ),
    });
    expect(await ids()).toEqual(['a', 'late']);
    const seen = sql`select count(*)::int as rows from control.source_seen`;
    expect((await seen.execute(at.database.admin)).rows).toEqual([{ rows: 2 }]);
    await at.put([record('b', 9000)]);
    await at.extract();
    expect((await seen.execute(at.database.admin)).rows).toEqual([{ rows: 1 }]);
  });

  test('a time that lies ahead hides nothing', async () => {
    const settings = cursor.settings.map((one) =>
      one.startsWith('cursor') ? 'cursor: at' : one.startsWith('lookback') ? 'lookback: 10 minutes' : one,
    );
    at = await openConformance('postgres_cursor', { ...cursor, settings });
    await at.put([record('ahead', 1, { at: '2999-01-01 00:00:00' })]);
    await at.extract();
    await at.put([record('now', 2, { at: new Date().toISOString() })]);
    expect(await at.extract()).toMatchObject({ rows: 1 });
    expect(await ids()).toEqual(['ahead', 'now']);
    expect(await at.extract()).toMatchObject({ rows: 0 });
  });
});

describe('by hash', () => {
  const guarded = { ...hash, settings: hash.settings.filter((one) => !one.startsWith('max_gone')) };

  test('a source that answers with nothing, or far less, empties nothing', async () => {
    at = await openConformance('postgres_hash', guarded);
    const { admin } = at.database;
    await at.put(Array.from({ length: 10 }, (_, index) => record(`r${index}`, index + 1)));
    await at.extract();
    await sql`delete from outside.records where seq <= 6`.execute(admin);
    await expect(at.extract()).rejects.toMatchObject({
      type: 'InvalidInput',
      nonRetryable: true,
      message: expect.stringMatching(
        /outside\.records answers with 4 rows and bronze\.raw_source has 10.*max_gone/,
      ),
    });
    expect(await at.count()).toBe(10);
    await at.put([record('r0', 1)]);
    expect(await at.extract()).toMatchObject({ rows: 5 });
    expect(await at.count()).toBe(5);
  });

  test('of a large table only the rows that differ are written', async () => {
    at = await openConformance('postgres_hash', hash);
    const { admin } = at.database;
    await at.put(Array.from({ length: 30_000 }, (_, index) => record(`r${index}`, index + 1)));
    expect(await at.extract()).toMatchObject({ rows: 30_000 });
    await sql`update outside.records set name = null where seq in (7, 20000)`.execute(admin);
    await sql`delete from outside.records where seq = 100`.execute(admin);
    expect(await at.extract()).toMatchObject({ rows: 3 });
    const { rows: written } = await sql`select count(*)::int as rows from bronze.raw_source
      where _load = (select max(_load) from bronze.raw_source)`.execute(admin);
    expect(written).toEqual([{ rows: 2 }]);
    expect(await at.count()).toBe(29_999);
  });

  test('a key twice is twice in bronze, where the gate meets it; a row twice is there once', async () => {
    at = await openConformance('postgres_hash', hash);
    const { admin } = at.database;
    await sql`drop index outside.records_id_idx`.execute(admin);
    await sql`insert into outside.records (id, seq) values ('a', 1), ('a', 2), ('b', 3), ('b', 3)`.execute(
      admin,
    );
    expect(await at.extract()).toMatchObject({ rows: 2 });
    expect(await at.count()).toBe(3);
    expect(await at.extract()).toMatchObject({ rows: 0 });
    await sql`delete from outside.records where seq = 1`.execute(admin);
    expect(await at.extract()).toMatchObject({ rows: 1 });
    expect(await at.count()).toBe(2);
  });

  test('a column that is not there, or of another type, lands nothing', async () => {
    at = await openConformance('postgres_hash', hash);
    const { admin } = at.database;
    await at.put([record('a', 1)]);
    await sql`alter table outside.records drop column born, alter column big type text`.execute(admin);
    expect(await at.extract()).toMatchObject({
      rows: 0,
      drift: [
        { column: 'big', problem: 'big of outside.records is text and in the header bigint' },
        { column: 'born', problem: 'outside.records has no column born' },
      ],
    });
    expect(await at.count()).toBe(0);
    await sql`alter table outside.records add column born date, alter column big type smallint using big::smallint`.execute(
      admin,
    );
    expect(await at.extract()).toEqual({
      files: 0,
      rows: 1,
      rejected: 0,
      retractedFiles: 0,
      unread: ['unread'],
    });
  });
});

describe('a connection', () => {
  test('that no setting names is refused with the variable that would', async () => {
    at = await openConformance('postgres_hash', hash);
    const { databases } = at.database;
    const { extract } = createExtract({ databases, folders, landingFolder: '/' });
    await expect(extract({ source: 'raw_customers', run: runOf('none') })).rejects.toMatchObject({
      type: 'InvalidInput',
      nonRetryable: true,
      message: expect.stringMatching(
        /^models\/bronze\/raw_customers\.sql reads by the connection crm, and WEIR_SOURCE_CRM_URL is not set/,
      ),
    });
  });

  test('that is refused tells no secret', async () => {
    at = await openConformance('postgres_hash', hash);
    const url = new URL(at.database.adminUrl);
    url.password = 'verysecret';
    const { connection, close } = openSources({ crm: url.href });
    const { databases } = at.database;
    const { extract } = createExtract({ databases, folders, landingFolder: '/', sourceDatabase: connection });
    const refused = await extract({ source: 'raw_customers', run: runOf('none') }).catch(
      (error: unknown) => error,
    );
    await close();
    expect(refused).toBeInstanceOf(Error);
    expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain('verysecret');
  });
});
