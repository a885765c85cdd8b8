import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployModels } from '../../activities/deploy.ts';
import { createOpen } from '../../activities/open.ts';
import { readRepository } from '../../activities/repository.ts';
import { createStage } from '../../activities/stage.ts';
import { asOf, folders, openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

let shop: Shop;
let modelsFolder: string;
beforeEach(async () => {
  shop = await openShop();
  modelsFolder = await mkdtemp(path.join(tmpdir(), 'weir-models-'));
  await cp(folders.modelsFolder, modelsFolder, { recursive: true });
});
afterEach(async () => {
  await shop.database.drop();
  await rm(modelsFolder, { recursive: true, force: true });
});

/** As many rows of a transaction as its amount says: of 0 none. */
const repeated = `/*
kind: incremental
schedule: hourly
unique_key: [transaction_id, n]
owner: test
description: test
grain: one row a transaction and number
gate: none
gate_reason: test
*/
select transaction_id, n.n, _source, _revision, _load, _position
from delta.raw_transactions cross join lateral generate_series(1, total_amount::integer) as n (n)`;

test('a row of which a SELECT makes nothing is kept, though it makes two of another', async () => {
  await writeFile(path.join(modelsFolder, 'silver', 'stg_repeated.sql'), repeated);
  const own = { modelsFolder, suitesFolder: folders.suitesFolder };
  await deployModels(shop.admin, await readRepository(own));
  await shop.land(
    [
      { id: 'twice', amount: 2 },
      { id: 'never', amount: 0 },
    ],
    { file: 'one' },
  );
  const { databases } = shop.database;
  const run = runOf('monday');
  const { open } = createOpen({ databases, folders: own, isRunOpen: async () => true });
  const opened = await open({ model: 'stg_repeated', pipeline: 'hourly', asOf, run });
  if (opened.state === 'held') throw new Error('held');
  const staged = await createStage({ databases, folders: own }).stage({ loadId: opened.loadId, run });
  expect(staged).toMatchObject({ rowsRead: 2, staged: 2, leftOut: 1 });
  const kept = await shop.admin.selectFrom('control.quarantine').select(['relation', 'position']).execute();
  expect(kept).toEqual([{ relation: 'silver.stg_repeated', position: 2 }]);
});
