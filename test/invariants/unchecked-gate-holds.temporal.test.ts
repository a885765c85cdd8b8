import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { addExpectation, suiteFile } from '../setup/suite-file.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const SHIPPED = path.resolve(import.meta.dirname, '..', '..', 'expectations', 'suites');

let weir: TestWeir;
afterEach(async () => {
  await weir.close();
});

async function startHour(): Promise<Run> {
  await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
  return weir.run('hourly', { asOf: AS_OF });
}

/** It holds, tells on-call why in the words given, publishes nothing, and goes on once it was mended. */
async function holdsUntil(run: Run, says: RegExp, outcome: string, mend: () => Promise<void>): Promise<void> {
  const { admin } = weir.database;
  const verdictId = await weir.heldVerdict('stg_transactions');
  const [incident] = await until(
    async () => {
      const incidents = await weir.incidents();
      return incidents.length > 0 && incidents;
    },
    { what: 'on-call is told', timeoutMs: 60_000 },
  );
  expect(incident?.text).toMatch(says);
  const { rows } = await sql`
    select outcome, (select count(*)::int from silver.stg_transactions) as published
    from control.gate_run where verdict_id = ${verdictId}`.execute(admin);
  expect(rows).toEqual([{ outcome, published: 0 }]);

  await mend();
  const args: [{ verdictId: string; reason: string }] = [{ verdictId, reason: 'mended' }];
  await run.executeUpdate(decisionUpdates.retryGate, { args });
  const { models } = await run.result();
  expect(models['stg_transactions']).toMatchObject({ state: 'published', rows: 8 });
  await until(async () => (await weir.incidents()).every(({ status }) => status === 'resolved'), {
    what: 'the incident is resolved',
    timeoutMs: 60_000,
  });
  expect(await weir.incidents()).toHaveLength(1);
}

describe('invariant 6: a gate that could not be evaluated holds', () => {
  it('when a parameter has nothing to judge by: dim_stores is empty', async () => {
    weir = await testWeir();
    const run = await startHour();
    await holdsUntil(run, /valid_store_ids gave no rows. Run dailyDimensionRefresh first/, 'error', () =>
      weir.loadDimensions(),
    );
  });

  it('when its suite is broken while the run is under way', async () => {
    weir = await testWeir({ ownFiles: true });
    await weir.loadDimensions();
    const trap = await setTrap(weir, 'extract');
    const run = await startHour();
    await trap.caught();
    const file = suiteFile(weir, 'transactions');
    await writeFile(file, '{"name": "transactions", "expectations": [');
    await trap.open();
    await holdsUntil(run, /expectations\/suites\/transactions\.json/, 'error', () =>
      copyFile(path.join(SHIPPED, 'transactions.json'), file),
    );
  });

  it('when a column that it asks about has gone', async () => {
    weir = await testWeir({ ownFiles: true });
    await weir.loadDimensions();
    await addExpectation(weir, 'transactions', {
      type: 'expect_column_values_to_not_be_null',
      kwargs: { column: 'loyalty_tier' },
      severity: 'critical',
    });
    const run = await startHour();
    const file = suiteFile(weir, 'transactions');
    await holdsUntil(run, /loyalty_tier.*(?:no column|not there|does not exist|has no)/, 'fail', () =>
      copyFile(path.join(SHIPPED, 'transactions.json'), file),
    );
  });

  it('when the validator may not read what it is asked to check', async () => {
    weir = await testWeir();
    await weir.loadDimensions();
    const { admin } = weir.database;
    await sql`revoke select on bronze.raw_transactions from weir_validator`.execute(admin);
    const run = await startHour();
    await holdsUntil(run, /42501|may not read/, 'error', async () => {
      await sql`grant select on bronze.raw_transactions to weir_validator`.execute(admin);
    });
  });
});
