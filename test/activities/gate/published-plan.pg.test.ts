import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBatchColumns } from '../../../activities/gate/batch-columns.ts';
import { withTableContext } from '../../../activities/gate/batch-context.ts';
import { compileSamples, isAskable, planSuite } from '../../../expectations/compile.ts';
import { compileMeasures } from '../../../expectations/measuring.ts';
import type { AskableEntry, Batch, Entry } from '../../../expectations/compile.ts';
import { summary } from '../../../expectations/result-format.ts';
import type { Sql } from '../../../expectations/scan.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';

const TYPE = 'expect_compound_columns_to_be_unique_in_published';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  await sql`create schema shop`.execute(database.admin);
  await sql`
    create table shop.sales as
    select 'T' || n as id, (n % 400)::int as store, 'f' || (n / 1000) as _source, 1 as _revision, n::bigint % 1000 as _position
    from generate_series(1, 200000) as n`.execute(database.admin);
  await sql`create unique index on shop.sales (id)`.execute(database.admin);
  await sql`
    create table shop.batch as
    select 'T' || n as id, (n % 400)::int as store, 'new' as _source, 1 as _revision, n::bigint as _position
    from generate_series(190001, 230000) as n`.execute(database.admin);
  await sql`analyze shop.sales, shop.batch`.execute(database.admin);
});
afterAll(() => database.drop());

async function plan(columns: readonly string[]): Promise<{ entries: readonly Entry[]; batch: Batch }> {
  const suite = suiteOf([expectation(TYPE, { column_list: columns })]);
  return database.admin.transaction().execute(async (trx) => {
    const catalogue = await readBatchColumns(trx, { schema: 'shop', table: 'batch' });
    const read: Batch = { relation: ['shop', 'batch'], collapse: null, columns: catalogue, key: [] };
    const batch = await withTableContext(trx, read, suite, ['shop', 'sales']);
    const run = { values: {}, queried: new Set<string>(), asOf: '2017-01-01T10:00:00Z', format: summary };
    return { entries: planSuite(suite, batch, run), batch };
  });
}

async function explain(statement: Sql): Promise<string> {
  const { rows } = await sql<{ 'QUERY PLAN': string }>`explain ${statement}`.execute(database.admin);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('rows are found in what is published', () => {
  async function askable(columns: readonly string[]): Promise<{ entry: AskableEntry; batch: Batch }> {
    const { entries, batch } = await plan(columns);
    const [entry] = entries;
    if (entry === undefined || !isAskable(entry)) throw new Error('it cannot be asked');
    return { entry, batch };
  }

  test('through the index of the key: the table is never read whole, however large the batch', async () => {
    const { entry, batch } = await askable(['id']);
    const [measures] = compileMeasures([entry], batch);
    const samples = compileSamples([entry], batch);
    for (const statement of [measures, samples]) {
      const text = await explain(statement?.sql ?? sql`select`);
      expect(text).toMatch(/Index (Only )?Scan using sales_id_idx on sales/);
      expect(text).not.toContain('Seq Scan on sales');
    }
  });

  test('and counted: ten thousand of another file', async () => {
    const { entry, batch } = await askable(['id']);
    const [measures] = compileMeasures([entry], batch);
    if (measures === undefined) throw new Error('nothing to ask');
    const { rows } = await sql<Record<string, number>>`${measures.sql}`.execute(database.admin);
    expect(measures.read(rows[0] ?? {}).entries.get(0)).toMatchObject({ elements: 40000, unexpected: 10000 });
  });

  test('or not at all: without an index it says what to do', async () => {
    const { entries } = await plan(['store', '_position']);
    expect(entries[0]?.problem).toBe(
      "no index of shop.sales begins with store or _position: add one to the model's indexes, so that rows are found without reading all of it",
    );
  });
});
