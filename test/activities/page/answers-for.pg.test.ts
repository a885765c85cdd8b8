import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clearFailures } from '../../../activities/page/clear-failures.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';

const MODEL = 'stg_transactions';
const HOURS = ['2017-01-02T10:00:00Z', '2017-01-02T11:00:00Z', '2017-01-02T12:00:00Z'] as const;

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** A load of a window. @returns its id. */
async function load(window: object = { kind: 'arrival', deltas: {} }, hour: 0 | 1 | null = null) {
  const [from, to] = hour === null ? [null, null] : [HOURS[hour], HOURS[hour + 1] ?? null];
  const { rows } = await sql<{ load_id: number }>`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, interval_start, interval_end,
      system_identifier, timeline, as_of, sql_hash)
    values (${MODEL}, 'hourly', 'w', ${randomUUID()}, 'published', ${JSON.stringify(window)}, ${from}, ${to}, '1', 1,
      ${HOURS[0]}, 'h')
    returning load_id`.execute(database.admin);
  return rows[0]?.load_id ?? 0;
}

const interval = (hour: 0 | 1) => load({ kind: 'interval' }, hour);
const replayOf = (loadId: number) => load({ kind: 'arrival', deltas: {}, replayOf: loadId });

/** An incident with a failure of each of these loads, and how many are left once another load has passed its gate. */
async function leftOf(failed: readonly (number | null)[], passed: number): Promise<number> {
  const dedupKey = `k-${randomUUID()}`;
  await database.admin
    .insertInto('control.incident')
    .values({
      ...{ dedup_key: dedupKey, state: 'open', kind: 'gateHeld', model: MODEL, suite: 'transactions' },
      ...{ workflow_id: 'w', resolved_at: null },
    })
    .execute();
  await database.admin
    .insertInto('control.incident_failure')
    .values(failed.map((loadId, index) => ({ dedup_key: dedupKey, occasion: `o-${index}`, load_id: loadId })))
    .execute();
  const verdictId = randomUUID();
  await database.admin
    .insertInto('control.gate_run')
    .values({
      ...{ verdict_id: verdictId, load_id: passed, model: MODEL, gate: 'input', suite: 'transactions' },
      ...{ suite_hash: 'h', outcome: 'pass', rows_checked: 1, expectations_evaluated: 1 },
      ...{ expectations_failed: 0, as_of: HOURS[0], workflow_id: 'w', run_id: 'r' },
    })
    .execute();
  return await database.databases.loader
    .transaction()
    .execute((transaction) => clearFailures(transaction, dedupKey, verdictId));
}

test('a load by arrival answers for what came before it, of whatever window', async () => {
  const failed = [await load(), await interval(0), null];
  expect(await leftOf(failed, await load())).toBe(0);
});

test('a pass that is told late answers for nothing that was opened after it', async () => {
  const [passed, newer] = [await load(), await load()];
  expect(await leftOf([passed, newer], passed)).toBe(1);
  const [early, late] = [await interval(0), await interval(0)];
  expect(await leftOf([early, late], early)).toBe(1);
});

test('an interval answers for itself alone', async () => {
  const failed = [await load(), await interval(0), await interval(1), null];
  expect(await leftOf(failed, await interval(1))).toBe(3);
});

test('a replay answers for itself and for the load whose window it reads again', async () => {
  const [good, broken] = [await load(), await load()];
  expect(await leftOf([broken], await replayOf(good))).toBe(1);
  expect(await leftOf([broken, await replayOf(broken)], await replayOf(broken))).toBe(0);
  const itself = await replayOf(good);
  expect(await leftOf([itself], itself)).toBe(0);
});
