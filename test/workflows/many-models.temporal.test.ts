import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterEach, expect, it } from 'vitest';
import { migrate } from '../../infra/migrate.ts';
import { until } from '../poll.ts';
import { AS_OF, basket } from '../setup/baskets.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
afterEach(async () => {
  await weir.close();
});

const MANY = 140;
/** Of the generated models: held by its gate; the last ten read it. */
const HELD = 70;

/** As long as Postgres takes names: 140 of them are above what one search attribute may hold. */
function nameOf(n: number): string {
  return `baskets_of_a_table_with_a_long_and_telling_name_${String(n).padStart(3, '0')}`;
}

const SUITE = {
  name: 'many_baskets',
  expectations: [
    {
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'total_amount', max_value: 90_000 },
      severity: 'critical',
    },
  ],
  meta: { weir: { owner: 'store-data', runbook: 'docs/runbooks/gate-held.md' } },
};

/** A table made anew by every run, so that each takes the whole walk. */
function modelOf(n: number): string {
  const reads = n > MANY - 10 ? `gold.${nameOf(HELD)}` : 'silver.stg_transactions';
  const amount = n === HELD ? 't.total_amount * 10000' : 'least(t.total_amount, 100)';
  return `/*
kind: full_refresh
schedule: hourly
unique_key: [transaction_id]
owner: store-data
description: Baskets, for the ${n}th time.
grain: one row a basket
gates:
  output: {suite: many_baskets}
*/
select t.transaction_id, t.store_id, ${amount} as total_amount
from ${reads} as t
`;
}

it(`a run of ${MANY} models more stays readable and far below every limit, held or not`, async () => {
  weir = await testWeir({ ownFiles: true });
  await weir.loadDimensions();
  const { modelsFolder, suitesFolder, databaseUrl } = weir.settings;
  await writeFile(path.join(suitesFolder, 'many_baskets.json'), JSON.stringify(SUITE));
  for (let n = 1; n <= MANY; n += 1)
    await writeFile(path.join(modelsFolder, 'gold', `${nameOf(n)}.sql`), modelOf(n));
  await migrate(databaseUrl, { modelsFolder, suitesFolder });
  await weir.land('transactions/2017-01-02T08.jsonl', [basket(1), basket(11)]);

  const run = await weir.run('hourly', { asOf: AS_OF });
  const verdictId = await heldVerdict();
  const held = await until(
    async () => {
      const details = await detailsOf(run);
      return details.includes('**HELD** |') && details;
    },
    { what: 'the details show it', timeoutMs: 60_000 },
  );
  expect(bytes(held)).toBeLessThan(20_000);
  expect(held).toContain(`| ${nameOf(HELD)} | **HELD** |`);
  expect(held).toContain(`{"verdictId":"${verdictId}","reason":"source delivered again","by":"YOUR NAME"}`);
  await attributesFit(run);

  await run.executeUpdate('overrideGate', {
    args: [{ verdictId, reason: 'ten thousandfold is what was asked', by: 'test' }],
  });
  const { models } = await run.result();
  expect(Object.values(models).filter(({ state }) => state === 'published').length).toBeGreaterThan(MANY);
  const details = await detailsOf(run);
  expect(bytes(details)).toBeLessThan(10_000);
  expect(details).toMatch(/^\*\*PASSED\*\*/);
  await attributesFit(run);
  // A twelfth of what ends a run, and below what Temporal suggests to continue as new at.
  expect((await run.describe()).historyLength).toBeLessThan(4096);
}, 600_000);

/** A run of so many takes its time on a busy machine. */
async function heldVerdict(): Promise<string> {
  const held = await until(
    () =>
      weir.database.admin
        .selectFrom('control.lease')
        .select('verdict_id')
        .where('model', '=', nameOf(HELD))
        .where('state', '=', 'held')
        .executeTakeFirst(),
    { what: 'the gate holds', timeoutMs: 300_000 },
  );
  return held.verdict_id ?? '';
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

async function detailsOf(run: Run): Promise<string> {
  const metadata = await run.query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

/** Temporal refuses a value above 2 KB, and all of them above 40 KB: the workflow task would fail for ever. */
async function attributesFit(run: Run): Promise<void> {
  const { raw } = await run.describe();
  const fields = raw.workflowExecutionInfo?.searchAttributes?.indexedFields ?? {};
  const sizes = Object.values(fields).map(({ data }) => data?.length ?? 0);
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThan(2048);
  const models: unknown = defaultPayloadConverter.fromPayload(fields['WeirModels'] ?? {});
  expect(models).toContain(nameOf(1));
}
