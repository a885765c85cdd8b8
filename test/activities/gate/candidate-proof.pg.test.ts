import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGate } from '../../../activities/gate.ts';
import { createStage } from '../../../activities/stage.ts';
import type { Json } from '../../../expectations/json.ts';
import { isList, isObject } from '../../../expectations/json.ts';
import { windowRows } from '../../../models/statements/window-rows.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { askRelation } from './proving.ts';
import type { Proved } from './proving.ts';
import { folders, openShop, runOf } from '../shop.ts';
import type { Sale, Shop } from '../shop.ts';

const run = runOf('hour-10');
const at = '2017-01-30T23:30:00';

let shop: Shop;
let copy: string;
beforeEach(async () => {
  shop = await openShop();
  copy = await mkdtemp(join(tmpdir(), 'weir-proof-'));
});
afterEach(async () => {
  await rm(copy, { recursive: true });
  await shop.database.drop();
});

/** What the output gate says of each id's uniqueness, once `sales` were staged by the models of a folder. */
async function gateStaged(sales: readonly Sale[], modelsFolder = folders.modelsFolder): Promise<Json> {
  await shop.land(sales, { file: 'hour-10.jsonl' });
  const { loadId } = await shop.openWindow('stg_transactions', run);
  const { databases } = shop.database;
  await createStage({ databases, folders: { ...folders, modelsFolder } }).stage({ loadId, run });
  const { gate } = createGate({ databases, folders });
  const asked = {
    loadId,
    model: 'stg_transactions',
    gate: 'output',
    suite: 'stg_transactions',
    run,
  } as const;
  const { evaluationId } = await gate(asked);
  const { result } = await shop.admin
    .selectFrom('control.gate_result')
    .select('result')
    .where('evaluation_id', '=', evaluationId)
    .$castTo<{ result: Json }>()
    .executeTakeFirstOrThrow();
  const results = isObject(result) && isList(result['results']) ? result['results'] : [];
  return results.find((one) => JSON.stringify(one).includes('expect_column_values_to_be_unique')) ?? null;
}

test('staging keeps one version of a key, so the output gate need not look for two', async () => {
  const twice = [
    { id: 'T1', at, amount: 1 },
    { id: 'T1', at, amount: 2 },
    { id: 'T2', at },
  ];
  expect(await gateStaged(twice)).toMatchObject({
    success: true,
    result: { element_count: 2, unexpected_count: 0 },
    meta: {
      weir: {
        from: 'proof',
        proof: {
          by: 'statement',
          text: 'DISTINCT ON (transaction_id), by which models/silver/stg_transactions.sql is staged',
        },
      },
    },
  });
});

test('a key that the header got after the rows were staged proves nothing of them', async () => {
  await cp(folders.modelsFolder, copy, { recursive: true });
  const file = join(copy, 'silver', 'stg_transactions.sql');
  const text = await readFile(file, 'utf8');
  await writeFile(
    file,
    text.replace('unique_key: [transaction_id]', 'unique_key: [transaction_id, store_id]'),
  );
  const sales = [
    { id: 'T1', at, store: 'STORE_00001' },
    { id: 'T1', at, store: 'STORE_00002' },
  ];
  const found = await gateStaged(sales, copy);
  expect(found).toMatchObject({ success: false, result: { unexpected_count: 2 } });
  expect(JSON.stringify(found)).not.toContain('proof');
});

test('what a table proves, it proves of each window of it', async () => {
  const suite = suiteOf([
    expectation('expect_column_values_to_not_be_null', { column: 'transaction_id' }),
    expectation('expect_column_values_to_be_unique', { column: 'transaction_id' }),
    expectation('expect_column_values_to_not_be_null', { column: '_record_hash' }),
  ]);
  const delta = (relation: string, schema: string): Promise<readonly Proved[]> => {
    const window = { kind: 'arrival', deltas: { [relation]: { from: '3:9:4', to: '5:12:7' } } } as const;
    const where = windowRows({ name: relation, timeColumn: null, zoned: true }, window, relation);
    return askRelation(shop.admin, suite, { schema, relation, batch: { where } }).then(
      ({ outcomes }) => outcomes,
    );
  };
  expect((await delta('stg_transactions', 'silver')).map(({ proof }) => proof)).toEqual([
    'constraint: NOT NULL of transaction_id',
    'constraint: unique index stg_transactions_transaction_id_idx',
    null,
  ]);
  expect((await delta('raw_transactions', 'bronze')).map(({ proof }) => proof)).toEqual([
    null,
    null,
    'constraint: NOT NULL of _record_hash',
  ]);
});
