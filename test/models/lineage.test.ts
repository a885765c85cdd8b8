import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../models/graph.ts';
import { lineageOf } from '../../models/lineage.ts';
import { unknownSteps } from '../../models/lineage/trace.ts';
import { parseAll } from './model-text.ts';
import { given, stepsOf, view } from './lineage-files.ts';

describe('where a column comes from', () => {
  test.each<[what: string, select: string, steps: string[]]>([
    ['copied', 'select id, x as n from bronze.a', ['id = a.id', 'n = a.x']],
    ['computed', 'select x + y as n, x::text as t from bronze.a', ['n ~ a.x', 'n ~ a.y', 't ~ a.x']],
    ['of a constant or a count', "select 'c' as c, count(*) as n, now() as at from bronze.a", []],
    [
      'a star',
      'select * from bronze.b',
      ['_load', '_position', '_record_hash', '_revision', '_source', '_xid', 'id', 'loaded_at', 'u', 'v'].map(
        (c) => `${c} = b.${c}`,
      ),
    ],
    [
      'a star of one of two',
      'select b.u as n, (select max(t.x) from (select a.* from bronze.a as a) as t) as m from bronze.b as b',
      ['m ~ a.x', 'n = b.u'],
    ],
    ['a filter', 'select id from bronze.a where x > 1', ['* ? a.x', 'id = a.id']],
    [
      'a join',
      'select a.x, b.u from bronze.a as a join bronze.b as b on a.id = b.id',
      ['* ? a.id', '* ? b.id', 'u = b.u', 'x = a.x'],
    ],
    [
      'using',
      'select id, u from bronze.a left join bronze.b using (id)',
      ['* ? a.id', '* ? b.id', 'id = a.id', 'id = b.id', 'u = b.u'],
    ],
    [
      'a cross join and a filter',
      'select x from bronze.a, bronze.b where u = y',
      ['* ? a.y', '* ? b.u', 'x = a.x'],
    ],
    [
      'a join with an alias',
      'select j.x from (bronze.a as a join bronze.b as b using (id)) as j',
      ['* ? a.id', '* ? b.id', 'x = a.x'],
    ],
    [
      'a group',
      'select id, sum(x) filter (where y > 0) as n from bronze.a group by id',
      ['* ? a.id', 'id = a.id', 'n ~ a.x', 'n ~ a.y'],
    ],
    [
      'a group by place',
      'select id, max(x) as n from bronze.a group by 1',
      ['* ? a.id', 'id = a.id', 'n ~ a.x'],
    ],
    [
      'a group by an output',
      'select x + 1 as n, count(*) as c from bronze.a group by n',
      ['* ? a.x', 'n ~ a.x'],
    ],
    [
      'grouping sets',
      'select id, x, count(*) as c from bronze.a group by rollup (id, x)',
      ['* ? a.id', '* ? a.x', 'id = a.id', 'x = a.x'],
    ],
    ['having', 'select id from bronze.a group by id having max(x) > 1', ['* ? a.id', '* ? a.x', 'id = a.id']],
    [
      'a window',
      'select sum(x) over (partition by id order by at) as n from bronze.a',
      ['n ~ a.at', 'n ~ a.id', 'n ~ a.x'],
    ],
    [
      'a named window',
      'select sum(x) over w as n from bronze.a window w as (partition by id)',
      ['n ~ a.id', 'n ~ a.x'],
    ],
    ['a case', 'select case when x > 1 then y else 0 end as n from bronze.a', ['n ~ a.x', 'n ~ a.y']],
    [
      'a CTE',
      'with t as (select id, x + y as s from bronze.a where at is not null) select s as n from t',
      ['* ? a.at', 'n ~ a.x', 'n ~ a.y'],
    ],
    [
      'a CTE with other names',
      'with t (one, two) as (select id, x from bronze.a) select two as n from t',
      ['n = a.x'],
    ],
    [
      'a CTE that hides a CTE',
      'with t as (select x as n from bronze.a), s as (with t as (select u as n from bronze.b) select n from t) select s.n, t.n as m from s, t',
      ['m = a.x', 'n = b.u'],
    ],
    [
      'a CTE that nobody reads',
      'with t as (select x from bronze.a where y = 1) select u from bronze.b',
      ['u = b.u'],
    ],
    [
      'a recursive CTE',
      'with recursive t as (select x as n, y as m from bronze.a union all select m, m + u from t join bronze.b on v = n) select n from t',
      ['* ? a.x', '* ? a.y', '* ? b.u', '* ? b.v', 'n = a.x', 'n ~ a.y', 'n ~ b.u'],
    ],
    [
      'a subquery',
      'select t.n from (select max(x) as n, id from bronze.a group by id) as t where t.n > 1',
      ['* ? a.id', '* ? a.x', 'n ~ a.x'],
    ],
    [
      'a lateral subquery',
      'select t.m from bronze.b as b cross join lateral (select max(a.x) as m from bronze.a as a where a.id = b.id) as t',
      ['* ? a.id', '* ? b.id', 'm ~ a.x'],
    ],
    [
      'a scalar subquery',
      'select (select max(b.u) from bronze.b as b where b.id = a.id) as n from bronze.a as a',
      ['n ~ a.id', 'n ~ b.id', 'n ~ b.u'],
    ],
    [
      'exists',
      'select x from bronze.a as a where exists (select from bronze.b as b where b.id = a.id and u > 1)',
      ['* ? a.id', '* ? b.id', '* ? b.u', 'x = a.x'],
    ],
    [
      'in',
      'select x from bronze.a where id in (select id from bronze.b)',
      ['* ? a.id', '* ? b.id', 'x = a.x'],
    ],
    [
      'a union',
      'select id, x as n from bronze.a union all select id, u + 1 from bronze.b',
      ['id = a.id', 'id = b.id', 'n = a.x', 'n ~ b.u'],
    ],
    [
      'a union of distinct rows',
      'select x as n from bronze.a union select u from bronze.b',
      ['* ? a.x', '* ? b.u', 'n = a.x', 'n = b.u'],
    ],
    [
      'except',
      'select x as n from bronze.a except select u from bronze.b',
      ['* ? a.x', '* ? b.u', 'n = a.x'],
    ],
    [
      'distinct on',
      'select distinct on (id) id, x from bronze.a order by id, at desc',
      ['* ? a.at', '* ? a.id', 'id = a.id', 'x = a.x'],
    ],
    [
      'distinct',
      'select distinct id, x + 1 as n from bronze.a',
      ['* ? a.id', '* ? a.x', 'id = a.id', 'n ~ a.x'],
    ],
    ['the first rows', 'select x from bronze.a order by at limit 3', ['* ? a.at', 'x = a.x']],
    ['an order alone decides nothing', 'select x from bronze.a order by at', ['x = a.x']],
    [
      'a function of rows',
      'select e.item, e.n from bronze.a, jsonb_array_elements(items) with ordinality as e (item, n)',
      ['item ~ a.items'],
    ],
    [
      'a record',
      'select r.sku from bronze.a, jsonb_to_recordset(a.items) as r (sku text, n integer)',
      ['sku ~ a.items'],
    ],
    [
      'keys and values',
      'select key, value from bronze.a cross join lateral jsonb_each(items)',
      ['key ~ a.items', 'value ~ a.items'],
    ],
    [
      'a whole row',
      'select to_jsonb(b) as n from bronze.b as b',
      ['_load', '_position', '_record_hash', '_revision', '_source', '_xid', 'id', 'loaded_at', 'u', 'v'].map(
        (c) => `n ~ b.${c}`,
      ),
    ],
    [
      'values',
      "select w.n, x from bronze.a join (values ('a', 1)) as w (id, n) using (id)",
      ['* ? a.id', 'x = a.x'],
    ],
    [
      'an array of a subquery',
      'select array(select x from bronze.a where y = 1) as n',
      ['n ~ a.x', 'n ~ a.y'],
    ],
    [
      'a name that nobody wrote',
      'select t.coalesce as n from (select coalesce(x, y) from bronze.a) as t',
      ['n ~ a.x', 'n ~ a.y'],
    ],
    ['a relation with its schema', 'select b.u from bronze.b', ['u = b.u']],
    ['a sample', 'select x from bronze.a tablesample system (10)', ['x = a.x']],
  ])('%s', async (_what, select, steps) => {
    expect(await stepsOf([view(select)])).toEqual(
      [...steps].toSorted((one, other) => (one < other ? -1 : 1)),
    );
  });

  test('a name that nothing explains is told, not left out', async () => {
    const graph = buildGraph(await parseAll([...given, view('select x +\n  z as n\nfrom bronze.a')]));
    expect(unknownSteps(lineageOf(graph))).toMatchObject([
      {
        model: 'semantic.v',
        column: 'n',
        fromRelation: '?',
        fromColumn: 'z',
        file: 'models/semantic/v.sql',
        line: 11,
      },
    ]);
  });
});
