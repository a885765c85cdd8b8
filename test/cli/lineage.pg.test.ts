import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readColumns } from '../../activities/columns.ts';
import { readGraph } from '../../activities/repository.ts';
import { lineageOf } from '../../models/lineage.ts';
import { folders } from '../activities/shop.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { say } from './say.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const lineage = (...words: string[]) => say(['lineage', ...words], {});

describe('weir lineage', () => {
  test('shows where a column comes from, up to bronze, and what decides its rows apart from it', async () => {
    const said = await lineage('gold.fct_daily_sales.gross_sales');
    expect([said.code, said.err]).toEqual([0, '']);
    expect(said.out.replaceAll(/:\d+$/gm, '')).toContain(
      `gold.fct_daily_sales.gross_sales
└─ computed from silver.stg_transactions.total_amount  models/gold/fct_daily_sales.sql
   └─ computed from bronze.raw_transactions.total_amount  models/silver/stg_transactions.sql
the rows of gold.fct_daily_sales are joined, filtered or grouped by
   silver.stg_transactions.transaction_date  models/gold/fct_daily_sales.sql
`,
    );
    expect(said.out).toMatch(
      /rows of gold\.fct_daily_sales are recomputed when one changes of\n(.*\n)* {3}gold\.dim_stores\.store_id /,
    );
  });

  test('shows what is made of one, with what is personal', async () => {
    const { out } = await lineage('raw_transactions.customer_id', '--down');
    expect(out).toContain('bronze.raw_transactions.customer_id (personal)\n');
    expect(out).toContain('copied into silver.stg_transactions.customer_id (personal)');
    expect(out).toContain('computed into gold.fct_daily_sales.unique_customers ');
  });

  test('shows every column of a model, and says of one where nothing is above it', async () => {
    const { out } = await lineage('silver.stg_transactions');
    expect(out).toContain(
      'silver.stg_transactions.transformed_at\n└─ of no column: a constant, the clock, or a count of rows\n',
    );
    expect(out).toContain(
      'silver.stg_transactions.item_count\n└─ computed from bronze.raw_transactions.items (personal)',
    );
  });

  test('of the shipped models finds no personal column that is not marked', async () => {
    expect(await lineage()).toEqual({
      code: 0,
      out: 'every personal column is marked, as far as it flows\n',
      err: '',
    });
  });

  test('prints JSON', async () => {
    const { out } = await lineage('semantic.daily_sales_by_region.region', '--json');
    const read: unknown = JSON.parse(out);
    expect(read).toMatchObject({
      columns: [
        {
          relation: 'semantic.daily_sales_by_region',
          column: 'region',
          personal: false,
          next: [
            { relation: 'gold.fct_daily_sales', column: 'region', how: 'computed', line: expect.any(Number) },
          ],
        },
      ],
      rows: expect.arrayContaining([expect.objectContaining({ how: 'rows', fromColumn: 'region' })]),
      warnings: [],
    });
  });

  test.each([
    ['gold.fct_daily_sale.gross_sales', 'Did you mean `gold.fct_daily_sales`?'],
    ['gold.fct_daily_sales.gros_sales', 'Did you mean `gross_sales`? It has daily_sales_key, '],
    ['nothing', 'there is no model nothing.'],
  ])('%s: %s', async (of, message) => {
    const said = await lineage(of);
    expect([said.code, said.out]).toEqual([3, '']);
    expect(said.err).toContain(message);
  });
});

test('the control schema has what the files say', async () => {
  const { steps } = lineageOf(await readGraph(folders));
  const rows = await database.admin.selectFrom('control.column_lineage').selectAll().execute();
  const named = (step: Readonly<Record<string, unknown>>): string => Object.values(step).join(' ');
  expect(steps.length).toBeGreaterThan(150);
  expect(rows.map(named).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    steps
      .map(({ model, column, fromRelation, fromColumn, how, file, line }) =>
        named({ model, column, fromRelation, fromColumn, how, file, line }),
      )
      .toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test('every relation has the columns that the files say', async () => {
  const { columns } = lineageOf(await readGraph(folders));
  for (const [relation, names] of columns) {
    const [schema = '', name = ''] = relation.split('.');
    const found = await database.admin.transaction().execute((trx) => readColumns(trx, schema, name));
    const made = found.map((column) => column.name);
    expect([relation, made.toSorted()], relation).toEqual([relation, names.toSorted()]);
  }
});
