import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markSuperseded } from '../../../activities/quarantine/mark-superseded.ts';
import { releaseRows } from '../../../activities/quarantine/release.ts';
import { readGraph } from '../../../activities/repository.ts';
import type { Gate } from '../../../expectations/verdict.ts';
import { expected, mixOf, published, run, seeds, silver, STRANGE } from '../mixed-loads.ts';
import type { Mix } from '../mixed-loads.ts';
import { folders } from '../shop.ts';
import { gatedShop, knownStores } from './gated-shop.ts';
import type { GatedShop } from './gated-shop.ts';

const KNOWN = 'STORE_00001';

let shop: GatedShop;
beforeEach(async () => {
  shop = await gatedShop();
  await sql`insert into gold.dim_stores (store_id) values (${KNOWN}), ('STORE_00002')`.execute(shop.admin);
  await shop.promise('stg_transactions', [knownStores({ quarantine_share: 1 })]);
  await shop.promise('transactions', [knownStores({ quarantine_share: 1 }), ...unblocking]);
});
afterEach(() => shop.close());

/** Named by the gate's header, so its suite has to ask for them. */
const unblocking = [
  {
    type: 'expect_column_values_to_be_in_set',
    kwargs: { column: 'store_id', value_set: { $PARAMETER: 'valid_store_ids' } },
    severity: 'info',
  },
  {
    type: 'expect_table_row_count_to_be_between',
    kwargs: { min_value: { $PARAMETER: 'min_rows' }, max_value: { $PARAMETER: 'max_rows' } },
    severity: 'info',
  },
  {
    type: 'expect_column_max_to_be_between',
    kwargs: {
      column: 'transaction_timestamp',
      min_value: { $PARAMETER: 'now() - timedelta(minutes=max_staleness_minutes)' },
    },
    severity: 'info',
  },
];

async function ask(mix: Mix, load: { loadId: number; attempt: number }, gate: Gate): Promise<void> {
  const verdict = await shop.look({ ...load, run }, gate);
  if (!verdict.blocks) return;
  mix.said.push(`${gate} gate: ${JSON.stringify(await shop.setAside({ ...load, run }, verdict))}`);
}

/** Releases what waits of published loads, with a store that is known, or again with the strange one. */
async function release(mix: Mix, ids: readonly number[], store: string): Promise<void> {
  if (ids.length === 0) return;
  const filter = { ids: ids.map((keptId) => ({ keptIn: 'batch_quarantine' as const, keptId })) };
  const order = { filter, set: { store_id: store }, record: null, reason: 'mended', by: 'the test' };
  const released = await releaseRows(shop.database.databases.loader, await readGraph(folders), order);
  mix.said.push(`released ${JSON.stringify(released)}`);
}

async function waiting(): Promise<readonly number[]> {
  await markSuperseded(shop.database.databases.loader, await readGraph(folders));
  const { rows } = await sql<{ id: number }>`
    select batch_quarantine_id as id from control.batch_quarantine join control.load as l using (load_id)
    where batch_quarantine.state = 'waiting' and l.state = 'published' order by 1`.execute(shop.admin);
  return rows.map(({ id }) => id);
}

async function releaseSome(mix: Mix): Promise<void> {
  if (!mix.random.chance(1 / 6)) return;
  const some = (await waiting()).filter(() => mix.random.chance(0.5));
  await release(mix, some, mix.random.chance(0.2) ? STRANGE : KNOWN);
}

/** Loads and releases until nothing waits. */
async function settle(mix: Mix): Promise<void> {
  for (;;) {
    const { loadId, empty } = await shop.openWindow(silver, run);
    let attempt = 0;
    if (!empty) {
      attempt = (await shop.stage({ loadId, run })).attempt;
      await ask(mix, { loadId, attempt }, 'output');
    }
    await shop.publish({ loadId, run, attempt });
    const left = await waiting();
    if (left.length === 0) return;
    await release(mix, left, KNOWN);
  }
}

test.each(seeds)(
  'rows set aside and released between loads of every kind, mixed by seed %i, end where plain SQL does',
  async (seed) => {
    const mix = mixOf(shop, seed, {
      strange: 0.25,
      settle,
      beside: async (here, { model, ...load }) => {
        if (model === silver && load.attempt > 0) await ask(here, load, 'output');
        else if (model === silver && here.random.chance(0.5)) await ask(here, load, 'input');
        await releaseSome(here);
      },
    });
    for (let round = 0; round < 6; round += 1) {
      await mix.round();
      expect(await published(shop), mix.said.join('\n')).toEqual(await expected(shop));
    }
  },
);
