import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database, DatabaseTransaction } from '../../activities/databases.ts';
import { buildGraph } from '../../models/graph.ts';
import { lineageOf } from '../../models/lineage.ts';
import type { Lineage } from '../../models/lineage.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { modelText, parseAll, sourceText } from './model-text.ts';

/** Two small tables of numbers, which random queries read. */
const tables = { a: ['id', 'x', 'y', 'z'], b: ['id', 'u', 'v', 'w'] } as const;
const baseColumns = Object.entries(tables).flatMap(([table, columns]) =>
  columns.map((column) => ({ table: `bronze.${table}`, column })),
);

let database: FreshDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = database.admin;
  for (const [table, columns] of Object.entries(tables)) {
    const list = sql.join(columns.map((column) => sql`${sql.id(column)} integer`));
    await sql`create table ${sql.id('bronze', table)} (${list}, loaded_at timestamp, _source text, _revision integer,
      _load bigint, _position bigint, _record_hash uuid, _xid xid8)`.execute(db);
    const values = sql.join(columns.map((_, place) => sql`(n * ${place + 2} + n / 3) % 5`));
    await sql`insert into ${sql.id('bronze', table)} select ${values} from generate_series(1, 12) as n`.execute(
      db,
    );
  }
});
afterAll(() => database.drop());

/** A query in brackets, and the names of its columns. */
interface Made {
  readonly sql: string;
  readonly columns: readonly string[];
}

const pick = (columns: readonly string[], place: number): string => columns[place % columns.length] ?? 'id';

const { query } = fc.letrec<{ query: Made }>((tie) => {
  const places = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9));
  const table = fc.constantFrom<Made[]>(
    { sql: '(select id, x, y, z from bronze.a)', columns: tables.a },
    { sql: '(select * from bronze.b)', columns: tables.b },
  );
  const one = tie('query');
  const filtered = fc.tuple(one, places).map(([from, [i, j, k]]): Made => {
    const [p, q, r] = [pick(from.columns, i), pick(from.columns, j), pick(from.columns, k)];
    return {
      sql: `(select case when t.${p} > 1 then ${q} end as c1, ${r} + 1 as c2, ${p} as c3 from ${from.sql} as t where ${q} is distinct from ${k % 5})`,
      columns: ['c1', 'c2', 'c3'],
    };
  });
  const grouped = fc.tuple(one, places).map(([from, [i, j, k]]): Made => {
    const [p, q, r] = [pick(from.columns, i), pick(from.columns, j), pick(from.columns, k)];
    return {
      sql: `(select ${p} as c1, sum(${q}) filter (where ${r} > 1) as c2, count(*) as c3 from ${from.sql} as t group by 1 having count(*) > ${k % 3})`,
      columns: ['c1', 'c2', 'c3'],
    };
  });
  const windowed = fc
    .tuple(one, places)
    .map(([from, [i, j, k]]): Made => {
      const [p, q, r] = [pick(from.columns, i), pick(from.columns, j), pick(from.columns, k)];
      return {
        sql: `(select t.*, sum(${p}) over w as c8, count(*) over (partition by ${r}) as c9 from ${from.sql} as t window w as (partition by ${q}))`,
        columns: [...from.columns.filter((name) => !['c8', 'c9'].includes(name)), 'c8', 'c9'],
      };
    })
    .filter(({ sql: text }) => !/ as c8.* as c8/s.test(text));
  const united = fc
    .tuple(one, one, places, fc.constantFrom('union all', 'union', 'except', 'intersect'))
    .map(([left, right, [i, j, k], word]): Made => ({
      sql: `(select ${pick(left.columns, i)} as c1, ${pick(left.columns, j)} as c2 from ${left.sql} as t ${word} select ${pick(right.columns, k)}, ${pick(right.columns, i)} from ${right.sql} as t)`,
      columns: ['c1', 'c2'],
    }));
  const joined = fc
    .tuple(one, one, places, fc.constantFrom('join', 'left join', 'full join'))
    .map(([left, right, [i, j, k], word]): Made => ({
      sql: `(select key, l1 as c1, r1 as c2 from (select ${pick(left.columns, i)} as key, ${pick(left.columns, j)} as l1 from ${left.sql} as t) as l ${word} (select ${pick(right.columns, k)} as key, ${pick(right.columns, j)} as r1 from ${right.sql} as t) as r using (key))`,
      columns: ['key', 'c1', 'c2'],
    }));
  const named = fc.tuple(one, one, places).map(([first, second, [i, j, k]]): Made => ({
    sql: `(with t (n1, n2) as (select ${pick(first.columns, i)}, ${pick(first.columns, j)} from ${first.sql} as t), s as materialized ${second.sql}
        select n1 as c1, (select max(${pick(second.columns, k)}) from s where s.${pick(second.columns, i)} = n2) as c2, n2 as c3
        from t where exists (select from s where ${pick(second.columns, j)} = t.n1))`,
    columns: ['c1', 'c2', 'c3'],
  }));
  const lateral = fc.tuple(one, one, places).map(([first, second, [i, j, k]]): Made => ({
    sql: `(select t.${pick(first.columns, i)} as c1, m as c2 from ${first.sql} as t cross join lateral (select max(s.${pick(second.columns, j)}) as m from ${second.sql} as s where s.${pick(second.columns, k)} > t.${pick(first.columns, j)}) as most)`,
    columns: ['c1', 'c2'],
  }));
  return {
    query: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      table,
      filtered,
      grouped,
      windowed,
      united,
      joined,
      named,
      lateral,
    ),
  };
});

async function outputsOf(text: string): Promise<readonly string[]> {
  return (await lineageOfText(text)).columns.get('semantic.v') ?? [];
}

async function lineageOfQuery(text: string): Promise<Lineage['steps']> {
  return (await lineageOfText(text)).steps;
}

async function lineageOfText(text: string): Promise<Lineage> {
  const columns = (names: readonly string[]): string =>
    sourceText(Object.fromEntries(names.map((name) => [name, 'integer'])));
  const models = await parseAll([
    ['models/bronze/a.sql', columns(tables.a)],
    ['models/bronze/b.sql', columns(tables.b)],
    ['models/semantic/v.sql', modelText('view', 'gate: none\ngate_reason: r', text)],
  ]);
  return lineageOf(buildGraph(models));
}

async function values(trx: DatabaseTransaction, text: string, column: string): Promise<string> {
  const { rows } = await sql<{
    all: string;
  }>`select coalesce(string_agg(coalesce(${sql.ref(column)}::text, 'null'), ',' order by ${sql.ref(column)}), '')
    as all from (${sql.raw(text)}) as made`.execute(trx);
  return rows[0]?.all ?? '';
}

/** Runs work in a transaction that is not kept. */
async function undone(work: (trx: DatabaseTransaction) => Promise<void>): Promise<void> {
  const stop = new Error('undone');
  await db
    .transaction()
    .execute(async (trx) => {
      await work(trx);
      throw stop;
    })
    .catch((error: unknown) => {
      if (error !== stop) throw error;
    });
}

describe('whatever a query is made of', () => {
  test('a column that lineage does not name has no influence, and what it names Postgres names too', async () => {
    await fc.assert(
      fc.asyncProperty(query, fc.nat(), async (made, choice) => {
        const text = `select ${made.columns.join(', ')} from ${made.sql} as made`;
        const column = pick(made.columns, choice);
        const steps = await lineageOfQuery(text);
        const named = new Set(
          steps
            .filter((step) => step.column === column || step.column === '*')
            .map((step) => `${step.fromRelation}.${step.fromColumn}`),
        );
        await undone(async (trx) => {
          const known = await dependencies(trx, text);
          expect(
            steps.map((step) => `${step.fromRelation}.${step.fromColumn}`).filter((one) => !known.has(one)),
          ).toEqual([]);
          const before = await values(trx, text, column);
          for (const other of baseColumns) {
            if (named.has(`${other.table}.${other.column}`)) continue;
            await sql`update ${sql.table(other.table)} set ${sql.ref(other.column)} = (${sql.ref(other.column)} * 3 + 1) % 7`.execute(
              trx,
            );
          }
          expect(await values(trx, text, column), text).toBe(before);
        });
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('the test can see: a column that lineage does name has influence', async () => {
    await undone(async (trx) => {
      const text = 'select sum(x) as n from bronze.a where y > 1';
      const before = await values(trx, text, 'n');
      await sql`update bronze.a set y = (y * 3 + 1) % 7`.execute(trx);
      expect(await values(trx, text, 'n')).not.toBe(before);
    });
  });
});

describe('what is rare', () => {
  test.each([
    'select * from bronze.a natural join bronze.b',
    'select k.id, x from bronze.a join bronze.b using (id) as k',
    'select t.*, n from rows from (generate_series(1, 2), generate_series(1, 3)) as t (one, two) cross join lateral (values (one)) as v (n)',
    'select a.tableoid as t, a.ctid as c, b.u from bronze.a as a, bronze.b as b where a.id = b.id',
    `select j.p, j.q from bronze.a as a, json_table(to_jsonb(a), '$' columns (p integer path '$.x', q integer path '$.y')) as j`,
    `select xt.n from bronze.a as a, xmltable('/r' passing xmlparse(document '<r>' || a.x || '</r>') columns n integer path '.') as xt`,
    'select (select u from bronze.b limit 1), array(select x from bronze.a), exists (select from bronze.b)',
    'select x::bigint, coalesce(x, y), greatest(x, z), case when x > 1 then y end, array[x] from bronze.a',
    'select (a).x, (b.*)::text from bronze.a as a, bronze.b as b',
    '(select x as n from bronze.a order by y limit 2) union all (with t as (select u from bronze.b) select u from t) order by n limit 3',
    'with recursive t (n, m) as (select x, y from bronze.a union select m, n from t where m < 9) search depth first by n set seen select n, m, seen::text as seen from t',
    'with recursive t (n) as (select x from bronze.a union all select n + u from t join bronze.b on v = n) cycle n set looped using path select n, looped, path::text as path from t',
    'with t (p, q) as (values (1, 2), (3, 4)) select p, q, x from t join bronze.a on p = id',
    'select grouping(x, y), x, y, count(*) from bronze.a group by grouping sets ((x), (y), ())',
    'select x, rank() over w, sum(y) over (w rows between 1 preceding and current row) from bronze.a window w as (partition by x order by z), v as (w)',
    'select percentile_cont(0.5) within group (order by x) filter (where y > 1), mode() within group (order by z) from bronze.a',
    'select distinct on (x + y) x + y as s, z from bronze.a order by x + y, z desc',
    'select t.n as m from (table bronze.a) as t (n)',
    'select x from bronze.a where (x, y) in (select u, v from bronze.b) and z = any (select w from bronze.b) order by y fetch first 3 rows with ties',
    'select l.id, r.x from bronze.a as l left join lateral (select a.x, a.y from bronze.a as a where a.id = l.id and l.x > 1 order by a.y limit 1) as r on true',
    'select e.key, e.value, o.ordinality from bronze.a as a cross join lateral jsonb_each(to_jsonb(a)) as e cross join lateral unnest(array[1, 2]) with ordinality as o',
  ])('%s', async (text) => {
    await undone(async (trx) => {
      await sql.raw(`set local search_path = bronze, pg_catalog`).execute(trx);
      const known = await dependencies(trx, text).catch((error: unknown) => {
        // Two columns of one name make no view, and are none here either.
        if (Reflect.get(Object(error), 'code') === '42701') return null;
        throw error;
      });
      const steps = await lineageOfQuery(text);
      expect(steps.filter(({ fromRelation }) => fromRelation === '?')).toEqual([]);
      if (known === null) return;
      const named = new Set(steps.map((step) => `${step.fromRelation}.${step.fromColumn}`));
      // Of a whole row Postgres notes the table.
      const noted = (one: string): boolean => known.has(one) || known.has(one.replace(/[^.]+$/, '*'));
      expect([...named].filter((one) => !noted(one))).toEqual([]);
      const { rows } = await sql<{ name: string }>`select attname as name from pg_catalog.pg_attribute
        where attrelid = 'public.probe'::regclass order by attnum`.execute(trx);
      expect(await outputsOf(text)).toEqual(rows.map(({ name }) => name));
    });
  });
});

/** Every column that Postgres noted for a view over the query. */
async function dependencies(trx: DatabaseTransaction, text: string): Promise<ReadonlySet<string>> {
  await sql.raw(`create view public.probe as ${text}`).execute(trx);
  const { rows } = await sql<{ name: string }>`
    select 'bronze.' || c.relname || '.' || coalesce(a.attname, '*') as name
    from pg_catalog.pg_rewrite as w
    join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
    join pg_catalog.pg_class as c on c.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_class'::regclass
    left join pg_catalog.pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid and a.attnum <> 0
    where w.ev_class = 'public.probe'::regclass and c.relname in ('a', 'b')`.execute(trx);
  return new Set(rows.map(({ name }) => name));
}
