import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBatchColumns } from '../../../activities/gate/batch-columns.ts';
import { setAside } from '../../../activities/quarantine/set-aside.ts';
import { isAskable, planSuite } from '../../../expectations/compile.ts';
import type { JsonObject } from '../../../expectations/json.ts';
import { summary } from '../../../expectations/result-format.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';
import { openShop, runOf } from '../shop.ts';
import type { Shop } from '../shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.database.drop());

/** Names that would end a name, a text or a statement, or mean something where rows are set aside. */
const names = [
  `it's "quoted"; drop table control.load; --`,
  'c',
  'g',
  'j',
  'broken',
  'record',
  'Capital Letters',
  'a.b',
  'ünïcode ☃',
  'x'.repeat(63),
];

interface AsideRow {
  readonly record: JsonObject;
  readonly expectations: readonly number[];
  readonly reason: string;
}

test('columns of any name, values of any kind: what breaks goes aside as it is, the rest stays', async () => {
  const run = runOf('hostile');
  await shop.land([{ id: 'a' }], { file: 'one' });
  const { loadId } = await shop.openWindow('stg_transactions', run);
  const load = await shop.ledger(loadId);
  const relation = ['candidate', `Hostile "candidate'`] as const;
  const suite = suiteOf(
    names.map((column) => expectation('expect_column_values_to_be_between', { column, min_value: 0 })),
  );
  const { loader } = shop.database.databases;
  await loader.transaction().execute(async (trx) => {
    const columns = sql.join(names.map((name) => sql`${sql.id(name)} numeric`));
    await sql`create unlogged table ${sql.id(...relation)} (${columns})`.execute(trx);
    const breaking = names.map((_, row) => names.map((__, column) => (row === column ? '-1e30' : '0.10')));
    const odd = ['NaN', ...names.slice(1).map(() => 'Infinity')];
    const missing = names.map(() => null);
    for (const row of [...breaking, names.map(() => '-2'), odd, missing])
      await sql`insert into ${sql.id(...relation)} values (${sql.join(row.map((value) => sql`${value}::text::numeric`))})`.execute(
        trx,
      );
    const [schema, table] = relation;
    const batch = {
      relation,
      collapse: null,
      columns: await readBatchColumns(trx, { schema, table }),
      key: [],
    };
    const planned = planSuite(suite, batch, { values: {}, asOf: load.asOf, format: summary }).filter(
      isAskable,
    );
    expect(planned).toHaveLength(names.length);
    const note = { load, gate: 'output', suite: `it's "a" suite`, run, evaluationId: 1 } as const;
    const verdictId = '6f7f9a50-0000-4000-8000-000000000001';
    expect(await setAside(trx, planned, batch, { ...note, verdictId })).toEqual({ broken: 11, rows: 11 });
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.id(...relation)}`.execute(
      trx,
    );
    expect(rows).toEqual([{ n: 2 }]);
  });

  const { rows: aside } = await sql<AsideRow>`
    select record, expectations, reason from control.batch_quarantine
    order by cardinality(expectations), batch_quarantine_id`.execute(shop.admin);
  const alone = aside.slice(0, names.length);
  expect(alone.map(({ expectations }) => expectations)).toEqual(names.map((_, index) => [index]));
  expect(alone.map(({ reason }) => reason)).toEqual(names.map((name) => `${name} at least 0`));
  expect(alone.map(({ record }, index) => record[names[index] ?? ''])).toEqual(names.map(() => -1e30));
  expect(Object.keys(alone[0]?.record ?? {}).toSorted()).toEqual(names.toSorted());
  const all = aside.find(({ expectations }) => expectations.length > 1);
  expect(all?.expectations).toEqual(names.map((_, index) => index));
  expect(all?.reason.split('; ').length).toBeGreaterThanOrEqual(names.length);
});
