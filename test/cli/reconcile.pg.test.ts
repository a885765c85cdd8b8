import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExtract } from '../../activities/extract.ts';
import { openSources } from '../../workers/sources.ts';
import { folders, runOf } from '../activities/shop.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { sayHere } from './say-here.ts';
import { say, type Said } from './say.ts';

let database: FreshDatabase;
let landingFolder: string;
const sources: { close: () => Promise<void> }[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  landingFolder = await mkdtemp(join(tmpdir(), 'weir-reconcile-'));
});
afterAll(async () => {
  await Promise.all(sources.map((one) => one.close()));
  await Promise.all([database.drop(), rm(landingFolder, { recursive: true, force: true })]);
});

async function deliver(name: string, lines: readonly string[]): Promise<void> {
  const path = join(landingFolder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
}

async function extract(source: string): Promise<void> {
  const { connection, close } = openSources({ crm: database.adminUrl });
  sources.push({ close });
  const { databases } = database;
  const station = createExtract({ databases, folders, landingFolder, sourceDatabase: connection });
  await station.extract({ source, run: runOf('reconcile') });
}

const settings = () => ({
  DATABASE_URL: database.adminUrl,
  WEIR_LANDING_FOLDER: landingFolder,
  WEIR_SOURCE_CRM_URL: database.adminUrl,
});
/** In this process: so many of a process each would take minutes. */
const run = (...args: readonly string[]): Promise<Said> => sayHere(['reconcile', ...args], settings());

describe('weir reconcile', () => {
  test('of files: equal first; then the days that differ, and how', async () => {
    const sale = (id: string, at: string, amount = 1): string =>
      JSON.stringify({ transaction_id: id, transaction_timestamp: at, total_amount: amount });
    await deliver('transactions/a.jsonl', [
      sale('A', '2017-01-02T10:00:00Z'),
      sale('B', '2017-01-02T11:00:00Z'),
      'no record',
      sale('C', '2017-01-03T01:30:00+02:00'),
      sale('D', '2017-01-04T10:00:00Z'),
      sale('E', '2017-01-05T10:00:00Z'),
    ]);
    await extract('raw_transactions');
    const equal = await say(['reconcile', 'raw_transactions'], settings());
    expect(equal).toEqual({
      code: 0,
      err: '',
      out: 'raw_transactions is equal: 5 rows at the source, 5 in bronze, 3 days by transaction_timestamp.\n',
    });

    const { admin } = database;
    await sql`delete from bronze.raw_transactions where transaction_id = 'A'`.execute(admin);
    await sql`update bronze.raw_transactions set total_amount = 2 where transaction_id = 'D'`.execute(admin);
    await sql`insert into bronze.raw_transactions (transaction_id, transaction_timestamp, _source, _revision, _load, _position, _record_hash)
      values ('X', '2017-01-05 12:00', 'a.jsonl', 1, 1, 99, gen_random_uuid())`.execute(admin);
    const differs = await run('raw_transactions');
    expect(differs.out.split('\n')).toEqual([
      'raw_transactions differs on 3 of its days: 5 rows at the source, 5 in bronze, 3 days by transaction_timestamp.',
      'day         source  bronze  missing  extra  different',
      '2017-01-02       3       2        1      0          0',
      '2017-01-04       1       1        0      0          1',
      '2017-01-05       1       2        0      1          0',
      '',
    ]);
    expect(differs.code).toBe(1);
    const { rows } = await sql`select count(*) as rows from control.quarantine`.execute(admin);
    expect(rows).toEqual([{ rows: 1 }]);

    const json = await run('raw_transactions', '--from', '2017-01-04', '--to', '2017-01-05', '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      equal: false,
      days: [{ day: '2017-01-04', source: 1, bronze: 1, missing: 0, extra: 0, different: 1 }],
    });
    const days: { checksums: { source: string; bronze: string } }[] = JSON.parse(json.out).days;
    expect(days[0]?.checksums.source).not.toBe(days[0]?.checksums.bronze);
    expect((await run('raw_transactions', '--from', '2017-01-03', '--to', '2017-01-04')).code).toBe(0);
  });

  test('of a table of another Postgres, by the day of landing', async () => {
    const { admin } = database;
    await sql`create schema crm`.execute(admin);
    await sql`create table crm.customers (customer_id text, home_store_id text, age_band text, income_band text,
      household_size int, joined_on date)`.execute(admin);
    await sql`insert into crm.customers select n::text, 'S', null, null, n, '2017-01-01' from generate_series(1, 5) n`.execute(
      admin,
    );
    await extract('raw_customers');
    expect((await run('raw_customers')).out).toBe(
      'raw_customers is equal: 5 rows at the source, 5 in bronze, 1 day by landing.\n',
    );
    await sql`update crm.customers set home_store_id = 'T' where customer_id = '1'`.execute(admin);
    await sql`delete from crm.customers where customer_id = '2'`.execute(admin);
    await sql`insert into crm.customers values ('6', 'S', null, null, 1, '2017-01-01')`.execute(admin);
    const { code, out } = await run('raw_customers', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out).days).toMatchObject([
      { day: expect.stringMatching(/^\d{4}-/), source: 4, bronze: 5, missing: 0, extra: 1, different: 1 },
      { day: null, source: 1, bronze: 0, missing: 1, extra: 0, different: 0 },
    ]);
  });

  test('of what it does not know, or cannot read, says what to do and ends with 3', async () => {
    expect(await run('raw_transaction')).toMatchObject({
      code: 3,
      err: expect.stringMatching(/there is no source raw_transaction\. .*raw_transactions/),
    });
    expect(await run('raw_stores', '--from', 'monday')).toMatchObject({
      code: 3,
      err: 'weir: --from monday is not a day, such as 2017-01-02\n',
    });
    await deliver('inventory/a.csv', ['store_id,sku', 'S,1']);
    expect(await run('raw_inventory')).toMatchObject({
      code: 3,
      err: expect.stringContaining('the header row of a.csv has no on_hand_qty'),
    });
  });
});
