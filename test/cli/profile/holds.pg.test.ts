import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { draftPromises } from '../../../cli/profile/draft.ts';
import { holdDraft } from '../../../cli/profile/hold-draft.ts';
import type { Held } from '../../../cli/profile/hold-draft.ts';
import { profileTable } from '../../../cli/profile/profile-table.ts';
import { readBatchColumns } from '../../../activities/gate/batch-columns.ts';
import { evaluateSuite } from '../../../activities/gate/evaluate.ts';
import type { Database, DatabaseTransaction } from '../../../activities/databases.ts';
import { parseSuite } from '../../../expectations/suite.ts';
import { hostileNames, hostileTables } from './hostile-tables.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';

const AS_OF = '2020-06-01T12:00:00.000Z';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

interface Drawn {
  readonly name: string;
  readonly type: string;
  readonly values: readonly (string | null)[];
}

const texts = fc.oneof(
  fc.string({ maxLength: 8 }).map((one) => one.replaceAll('\u0000', '')),
  fc.constantFrom('EUR', 'USD', '', ' ', 'é', '{}', '[1]', 'a@b.cd'),
  fc.nat({ max: 99_999 }).map((one) => `T${String(one).padStart(5, '0')}`),
  fc.uuid(),
);
const kinds: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  ['integer', fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }).map(String)],
  ['smallint', fc.integer({ min: 0, max: 5 }).map(String)],
  ['bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  [
    'numeric',
    fc.oneof(
      fc.double({ noDefaultInfinity: true }).map(String),
      fc.constantFrom('NaN', 'Infinity', '-Infinity', '1e300', '0.1'),
    ),
  ],
  ['double precision', fc.oneof(fc.double().map(String), fc.constantFrom('NaN', '-Infinity'))],
  ['real', fc.float().map(String)],
  ['text', texts],
  ['varchar(40)', texts.map((one) => one.slice(0, 36))],
  ['char(3)', fc.constantFrom('a', 'ab', 'abc', '')],
  [
    'date',
    fc.constantFrom('2020-05-31', '2020-06-01', '2021-01-01', '0044-03-15 BC', 'infinity', '1999-12-31'),
  ],
  ['timestamp', fc.constantFrom('2020-06-01 11:59', '2020-06-01 12:01', '-infinity', '12345-01-01')],
  ['timestamptz', fc.constantFrom('2020-06-01 11:00+00', '2019-01-01 00:00+09', '2020-06-01 23:00+00')],
  ['boolean', fc.constantFrom('true', 'false')],
  ['uuid', fc.uuid()],
  ['jsonb', fc.constantFrom('{}', '[1]', 'null')],
  ['json', fc.constantFrom('{}', '[1]')],
  ['integer[]', fc.constantFrom('{}', '{1,null}')],
  ['interval', fc.constantFrom('1 day', '-1 hour')],
  ['point', fc.constantFrom('(1,2)')],
];

const names = fc.oneof(
  fc.constantFrom(
    'id',
    'at',
    'email',
    'net_amount',
    'total_amount',
    'a"b',
    "c'd",
    'e.f',
    '{batch}',
    '$1',
    'select',
  ),
  fc.string({ minLength: 1, maxLength: 10 }).map((one) => one.replaceAll('\u0000', 'x')),
);

const drawnTable: fc.Arbitrary<readonly Drawn[]> = fc
  .record({ rows: fc.constantFrom(0, 1, 19, 20, 45), several: fc.boolean() })
  .chain(({ rows }) =>
    fc.uniqueArray(
      fc
        .record({
          name: names,
          kind: fc.constantFrom(...kinds),
          nulls: fc.constantFrom(0, 0, 0.1, 1),
          few: fc.boolean(),
        })
        .chain(({ name, kind: [type, value], nulls, few }) =>
          fc
            .array(
              few
                ? fc.array(value, { minLength: 1, maxLength: 3 }).chain((some) => fc.constantFrom(...some))
                : value,
              {
                minLength: rows,
                maxLength: rows,
              },
            )
            .map((values) => ({
              name,
              type,
              values: values.map((one, at) => (at % 10 < nulls * 10 ? null : one)),
            })),
        ),
      { minLength: 1, maxLength: 8, selector: ({ name }) => name },
    ),
  );

async function create(admin: Database, columns: readonly Drawn[]): Promise<void> {
  await sql`drop table if exists drawn`.execute(admin);
  const declared = columns.map(({ name, type }) => sql`${sql.id(name)} ${sql.raw(type)}`);
  await sql`create table drawn (${sql.join(declared)})`.execute(admin);
  const [first] = columns;
  if (first === undefined || first.values.length === 0) return;
  const cells = columns.map(
    ({ type }, at) => sql`(${JSON.stringify(columns[at]?.values ?? [])}::jsonb ->> i)::${sql.raw(type)}`,
  );
  await sql`insert into drawn select ${sql.join(cells)} from generate_series(0, ${first.values.length - 1}::integer) i`.execute(
    admin,
  );
}

const snapshot = <T>(work: (trx: DatabaseTransaction) => Promise<T>): Promise<T> =>
  database.admin.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work);

async function draftOf(
  trx: DatabaseTransaction,
  table: string,
  schema = 'public',
): Promise<Held & { readonly scans: number }> {
  const columns = await readBatchColumns(trx, { schema, table });
  const batch = { relation: [schema, table] as const, collapse: null, columns, key: [] };
  const { table: profile, scans } = await profileTable(trx, batch, AS_OF, new Set());
  const held = await holdDraft(trx, batch, AS_OF, draftPromises(profile), { name: 'drawn' });
  const suite = parseSuite('drawn.json', JSON.stringify(held.suite));
  const { judged } = await evaluateSuite(trx, suite, batch, { values: {}, asOf: AS_OF, format: null });
  expect(judged.filter(({ success }) => !success).map(({ entry, error }) => [entry.kwargs, error])).toEqual(
    [],
  );
  return { ...held, scans };
}

test('what is drafted from any table is a suite, and holds for it', async () => {
  await fc.assert(
    fc.asyncProperty(drawnTable, async (columns) => {
      await create(database.admin, columns);
      const { promises } = await snapshot((trx) => draftOf(trx, 'drawn'));
      expect(promises).toBeGreaterThanOrEqual(1 + columns.length);
    }),
    { numRuns: 60 },
  );
}, 120_000);

describe('what is drafted holds for', () => {
  beforeAll(async () => {
    await sql`create schema shop`.execute(database.admin);
    for (const statement of hostileTables) await sql.raw(statement).execute(database.admin);
  });

  test.each(hostileNames)('%s', async (name) => {
    const { promises, leftOut } = await snapshot((trx) => draftOf(trx, name, 'shop'));
    expect(promises).toBeGreaterThan(0);
    expect(leftOut).toEqual([]);
  });
});

test('of a large table a sample suggests, and the whole decides', async () => {
  await sql`create table large as
    select case when i = 250000 then 1 else i end as nearly, i as id, case when i = 123456 then 'GBP' when i % 2 = 0 then 'EUR' else 'USD' end as currency,
      case when i = 200000 then 'odd one' else 'T' || lpad(i::text, 8, '0') end as code, i % 100 as quantity,
      i / 2.0 as low_amount, i / 2.0 + i % 3 as high_amount
    from generate_series(1, 250000) i`.execute(database.admin);
  await sql`analyze large`.execute(database.admin);
  const { suite, leftOut, scans } = await snapshot((trx) => draftOf(trx, 'large'));
  const promised = JSON.stringify(suite);
  expect(promised).toContain('"value_set":["EUR","GBP","USD"]');
  expect(promised).toContain('"regex":"^T[0-9]{8}$","mostly":0.999');
  expect(promised).toContain('"column_A":"high_amount","column_B":"low_amount"');
  expect(leftOut.join()).toContain('nearly');
  expect(scans).toBe(2);
});
