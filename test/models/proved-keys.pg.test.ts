import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noteOfKeys, provedKeys, readProvedKeys } from '../../models/proved-keys.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
  const statements = [
    'create schema gold',
    'create table gold.sales (day date, store text, amount int, at timestamptz, tags int[])',
    `insert into gold.sales select date '2017-01-01' + n % 3, 'S' || n % 2, n, timestamptz '2017-01-01 00:00Z' + n * interval '1 hour', '{1,2}'
      from generate_series(0, 11) n`,
    'create table gold.stores (id int primary key, store text, name text)',
    `insert into gold.stores values (1, 'S0', 'same'), (2, 'S1', 'same'), (3, 'S1', 'same')`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(database.admin);
});
afterAll(() => database.drop());

const file = 'models/gold/x.sql';
const keysOf = (text: string): readonly (readonly string[])[] =>
  provedKeys({ shape: { kind: 'whole' }, uniqueKey: ['day', 'store'], sql: text, file }).map(
    ({ columns }) => columns,
  );

/** Rows of a statement that have the same values in `columns` as another row. */
async function repeatedRows(text: string, columns: readonly string[]): Promise<number> {
  const list = sql.join(columns.map((name) => sql.id(name)));
  const { rows } = await sql<{ repeated: number }>`
    select count(*) as repeated from (
      select count(*) over (partition by ${list}) as n from (${sql.raw(text)}) as built) as counted
    where n > 1`.execute(database.admin);
  return rows[0]?.repeated ?? -1;
}

test.each<[string, string, readonly string[]]>([
  [
    'GROUP BY',
    'select day, store, sum(amount) as total from gold.sales group by day, store',
    ['day', 'store'],
  ],
  ['another order', 'select day, store from gold.sales group by store, day', ['store', 'day']],
  ['qualified', 'select s.day, count(*) as n from gold.sales s group by s.day', ['day']],
  ['renamed', 'select s.day as d, count(*) as n from gold.sales s group by s.day', ['d']],
  ['by place', 'select date_trunc($$month$$, at) as m, count(*) as n from gold.sales group by 1', ['m']],
  [
    'an expression',
    'select extract(hour from at) as h, count(*) as n from gold.sales group by extract(hour from at)',
    ['h'],
  ],
  [
    'DISTINCT ON',
    'select distinct on (store) store, amount from gold.sales order by store, amount',
    ['store'],
  ],
  [
    'DISTINCT ON of a name of the output',
    'select distinct on (s) upper(store) as s, day from gold.sales',
    ['s'],
  ],
  ['DISTINCT ON by place', 'select distinct on (2) day, store from gold.sales', ['store']],
  ['DISTINCT', 'select distinct day, store from gold.sales', ['day', 'store']],
  [
    'below a WITH',
    'with s as (select * from gold.sales) select store, max(amount) as a from s group by store having max(amount) > 1',
    ['store'],
  ],
  [
    'a join before it',
    'select s.store, count(*) as n from gold.sales s join gold.stores t on t.store = s.store group by s.store',
    ['store'],
  ],
])('proved: %s', async (_, text, key) => {
  expect(keysOf(text)).toEqual([key]);
  expect(await repeatedRows(text, key)).toBe(0);
});

/** Statements that look as if they made `key` unique, and do not. */
test.each<[string, string, readonly string[]]>([
  [
    'a name is a column of what is read before it is one of the output',
    `select date_trunc('month', day)::date as day, count(*) as n from gold.sales group by day`,
    ['day'],
  ],
  ['a grouped column that is not shown', 'select store from gold.sales group by store, day', ['store']],
  [
    'a column of another table that follows from the one it is grouped by',
    'select t.name, t.store from gold.stores t group by t.id',
    ['name'],
  ],
  ['ROLLUP', 'select store, day from gold.sales group by rollup (store, day), store', ['store', 'day']],
  ['GROUPING SETS', 'select store from gold.sales group by grouping sets ((store), (store))', ['store']],
  [
    'a function that returns several rows',
    'select store, generate_series(1, 2) as n from gold.sales group by store',
    ['store'],
  ],
  [
    'a function that returns several rows, inside of an expression',
    'select store, 1 + unnest(array[1, 2]) as n from gold.sales group by store',
    ['store'],
  ],
  [
    'a function that returns several rows, to order by',
    'select store from gold.sales group by store order by generate_series(1, 2)',
    ['store'],
  ],
  [
    'a function that returns several rows, in a window with a name',
    'select store, rank() over w as place from gold.sales group by store window w as (order by generate_series(1, 2))',
    ['store'],
  ],
  [
    'UNION ALL after it',
    'select store from gold.sales group by store union all select store from gold.sales group by store',
    ['store'],
  ],
  [
    'a join after it',
    'select g.store, t.id from (select store from gold.sales group by store) g join gold.stores t using (store)',
    ['store'],
  ],
  [
    'WITH, and a join after it',
    'with g as (select store from gold.sales group by store) select g.store, t.id from g join gold.stores t using (store)',
    ['store'],
  ],
  [
    'DISTINCT ON of what the output calls otherwise',
    'select distinct on (at) store, day from gold.sales',
    ['store', 'day'],
  ],
  [
    'DISTINCT ON of the output column of that name, not of the one that is read',
    'select distinct on (upper) lower(store) as upper, day as d, amount, store as s from gold.sales, lateral (select amount as upper) l',
    ['d'],
  ],
  [
    'GROUP BY of a merged column’s two sides',
    'select store from gold.sales s full join gold.stores t using (store) group by s.store, t.store, t.id',
    ['store'],
  ],
])('not proved: %s', async (_, text, key) => {
  const claimed = keysOf(text);
  expect(claimed.filter((columns) => columns.every((name) => key.includes(name)))).toEqual([]);
  for (const columns of claimed) expect(await repeatedRows(text, columns)).toBe(0);
  expect(await repeatedRows(text, key)).toBeGreaterThan(0);
});

test('a mapping model keeps one version of a key, whatever its SELECT says', () => {
  const shape = { kind: 'map', delta: 'sales' } as const;
  const found = provedKeys({ shape, uniqueKey: ['day', 'store'], sql: 'select 1 as day, 2 as store', file });
  expect(found).toEqual([
    { columns: ['day', 'store'], by: 'DISTINCT ON (day, store), by which models/gold/x.sql is staged' },
  ]);
  expect(readProvedKeys(noteOfKeys(found))).toEqual(found);
});

test.each([null, '', 'a table of somebody', 'weir 0123456789abcdef'])(
  'a note of another kind says nothing: %s',
  (note) => {
    expect(readProvedKeys(note)).toEqual([]);
  },
);
