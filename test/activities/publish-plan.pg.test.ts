import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DatabaseTransaction } from '../../activities/databases.ts';
import { applyWindow } from '../../activities/load-window.ts';
import { readPublishedModel } from '../../activities/published-model.ts';
import { readTarget } from '../../activities/target.ts';
import { followCandidate } from '../../activities/write-candidate.ts';
import type { PublishNames } from '../../models/statements/publish.ts';
import { deleteTouched, mergeCandidate } from '../../models/statements/publish.ts';
import { folders, openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
const run = runOf('monday');

/** A target of 30,000 rows of 100 days and three stores, and 6,000 new ones: enough that the planner would rather hash. */
beforeAll(async () => {
  shop = await openShop();
  const history = Array.from({ length: 30_000 }, (_, n) => ({
    id: `T${n}`,
    store: `STORE_0000${(n % 3) + 1}`,
    at: new Date(Date.UTC(2016, 0, 1) + (n % 100) * 86_400_000).toISOString().slice(0, 19),
  }));
  await shop.land(history, { file: 'history' });
  for (const model of ['stg_transactions', 'fct_daily_sales']) await shop.load(model, run);
  await sql`vacuum analyze`.execute(shop.admin);
  await shop.land(
    Array.from({ length: 6_000 }, (_, n) => ({ id: `N${n}` })),
    { file: 'now' },
  );
});
afterAll(async () => {
  await shop.database.drop();
});

test('the delta is found by its index', async () => {
  const { loadId } = await shop.openWindow('stg_transactions', run);
  const { window, asOf } = await shop.ledger(loadId);
  const nodes = await shop.admin.transaction().execute(async (trx) => {
    await applyWindow(trx, window, asOf);
    return plan(trx, sql`select count(*) from delta.raw_transactions`, sql`, analyze`);
  });
  expect(scansOf(nodes, 'raw_transactions').length).toBeGreaterThan(0);
  expect(scansOf(nodes, 'raw_transactions')).not.toContain('Seq Scan');
});

test("merge looks up the candidate's rows and does not read the target", async () => {
  const { loadId } = await shop.openWindow('stg_transactions', run);
  const { attempt } = await shop.stage({ loadId, run });
  const merge = (names: PublishNames): RawBuilder<unknown> => mergeCandidate(names, null);
  const asPlanned = await planOf('stg_transactions', loadId, merge, async () => undefined);
  expect(
    scansOf(asPlanned, 'stg_transactions'),
    'shows nothing where the planner would look up anyway',
  ).toEqual(['Seq Scan']);
  expect(scansOf(await planOf('stg_transactions', loadId, merge), 'stg_transactions')).toEqual([
    'Index Scan',
  ]);
  await shop.publish({ loadId, run, attempt });
});

test('deleting touched keys looks each of them up', async () => {
  const { loadId } = await shop.openWindow('fct_daily_sales', run);
  const { keysTouched } = await shop.stage({ loadId, run });
  expect(keysTouched).toBe(1);
  const merge = await planOf('fct_daily_sales', loadId, (names) => mergeCandidate(names, null));
  expect(scansOf(merge, 'fct_daily_sales')).toEqual(['Index Scan']);
  const deletion = await planOf('fct_daily_sales', loadId, deleteTouched);
  expect(scansOf(deletion, 'fct_daily_sales')).toEqual(['Index Scan']);
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  /** 0 for a branch of the delta that the window does not take. */
  readonly 'Actual Loops'?: number;
  readonly 'Actual Rows'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

async function plan(
  trx: DatabaseTransaction,
  statement: RawBuilder<unknown>,
  options = sql``,
): Promise<readonly PlanNode[]> {
  const { rows } = await sql<{
    'QUERY PLAN': readonly { Plan: PlanNode }[];
  }>`explain (format json${options}) ${statement}`.execute(trx);
  const flat = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];
  return rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => flat(Plan)));
}

async function planOf(
  name: string,
  loadId: number,
  statement: (names: PublishNames) => RawBuilder<unknown>,
  settings: (trx: DatabaseTransaction) => Promise<void> = followCandidate,
) {
  const { model } = await readPublishedModel(folders, name);
  const { candidate } = await shop.ledger(loadId);
  return shop.database.databases.publisher.transaction().execute(async (trx) => {
    await settings(trx);
    const columns = (await readTarget(trx, model)).columns.map((column) => column.name);
    return plan(trx, statement({ quarantined: false, model, candidate: candidate ?? '', loadId, columns }));
  });
}

/** How a plan reads a table, or its partitions by day that have rows. */
function scansOf(nodes: readonly PlanNode[], table: string): readonly string[] {
  const partition = new RegExp(`^${table}_(default|before|\\d{8})$`);
  return nodes
    .filter((node) => {
      const name = node['Relation Name'] ?? '';
      const read = (node['Actual Rows'] ?? 1) + (node['Rows Removed by Filter'] ?? 0);
      return (name === table || (partition.test(name) && read > 0)) && node['Node Type'].includes('Scan');
    })
    .filter((node) => node['Actual Loops'] !== 0)
    .map((node) => node['Node Type']);
}
