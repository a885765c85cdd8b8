import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileBroken } from '../../expectations/compile-broken.ts';
import { isAskable } from '../../expectations/compile.ts';
import type { Example } from '../../expectations/define-expectation.ts';
import { expectationTypes } from '../../expectations/registry.gen.ts';
import { ask } from '../activities/gate/batch.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { expectation, suiteOf } from './suite-text.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
afterAll(() => database.drop());

const examples = Object.values(expectationTypes)
  .filter(({ rowLevel }) => rowLevel)
  .flatMap(({ type, examples: all }) => all.map((example) => [type, example.title, example] as const));

/** How many rows the predicate finds of those that the judgement counted. */
async function countBroken(type: string, example: Example) {
  const { around, kwargs } = example;
  const meta = around?.orderBy === undefined ? {} : { meta: { weir: { order_by: around.orderBy } } };
  const { judged } = await ask(database.admin, suiteOf([expectation(type, kwargs, meta)]), example, {
    around,
  });
  const [one] = judged;
  if (one === undefined || !isAskable(one.entry)) return { found: null, counted: null };
  const batch = { relation: ['gate_test', 'example'], collapse: null, columns: new Map(), key: [] } as const;
  const broken = compileBroken([one.entry], batch, ['ctid']);
  if (broken === null) return { found: null, counted: null };
  const { rows } = await sql<{ found: number; places: unknown }>`
    select count(*)::int as found, coalesce(array_agg(distinct broken), '{}') as places from (${broken}) as b`.execute(
    database.admin,
  );
  expect([[], [[0]]]).toContainEqual(rows[0]?.places);
  return { found: rows[0]?.found, counted: one.judgement?.unexpectedCount ?? 0 };
}

describe('what goes aside is what was counted', () => {
  test.each(examples)('%s: %s', async (type, _, example) => {
    const { found, counted } = await countBroken(type, example);
    expect(found).toBe(counted);
  });
});
