import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import { migrate } from '../../infra/migrate.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
afterEach(async () => {
  await weir.close();
});

const SUITE = {
  name: 'big_baskets',
  expectations: [
    {
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'total_amount', max_value: 90_000 },
      severity: 'critical',
    },
  ],
  meta: { weir: { owner: 'store-data', runbook: 'docs/runbooks/gate-held.md' } },
};

const MODEL = `/*
kind: incremental
schedule: hourly
unique_key: [transaction_id]
owner: store-data
description: Baskets worth a second look.
grain: one row a basket of 5 or more
touched: {stg_transactions: select transaction_id from delta.stg_transactions}
gates:
  output: {suite: big_baskets}
*/
select t.transaction_id, t.store_id, t.total_amount
from silver.stg_transactions as t
join touched.big_baskets as k on k.transaction_id = t.transaction_id
where t.total_amount >= 5
`;

it('a model is two files and a migrate: the worker that runs takes it up, with its place, its gate and its readers', async () => {
  weir = await testWeir({ ownFiles: true });
  await weir.loadDimensions();
  const { modelsFolder, suitesFolder, databaseUrl } = weir.settings;
  await writeFile(path.join(suitesFolder, 'big_baskets.json'), JSON.stringify(SUITE));
  await writeFile(path.join(modelsFolder, 'gold', 'big_baskets.sql'), MODEL);
  await migrate(databaseUrl, { modelsFolder, suitesFolder });

  await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
  const first = await (await weir.run('hourly', { asOf: AS_OF })).result();
  expect(first.models['big_baskets']).toMatchObject({ state: 'published', rows: 4 });
  const { rows } = await sql<{ readable: boolean }>`
    select has_table_privilege('weir_analytics_reader', 'gold.big_baskets', 'select') as readable`.execute(
    weir.database.admin,
  );
  expect(rows).toEqual([{ readable: true }]);

  await weir.land('transactions/2017-01-02T09.jsonl', [basket(20, { total_amount: '95000.00' })]);
  const run = await weir.run('hourly', { asOf: AS_OF });
  const verdictId = await weir.heldVerdict('big_baskets');
  await run.executeUpdate('abandon', { args: [{ verdictId, reason: 'seen' }] });
  await expect(run.result()).rejects.toMatchObject({ cause: { type: 'Abandoned' } });
});
