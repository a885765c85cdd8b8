import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../../models/graph.ts';
import { lineageOf } from '../../../models/lineage.ts';
import { personalFlows, traceDown, traceUp } from '../../../models/lineage/trace.ts';
import type { Trace } from '../../../models/lineage/trace.ts';
import { modelText, parseAll, ungated, version } from '../model-text.ts';
import { given, stepsOf, view } from '../lineage-files.ts';
import type { File } from '../lineage-files.ts';

describe('through models', () => {
  const mapped: File = [
    'models/silver/m.sql',
    modelText(
      'incremental',
      ungated,
      `select id, x,\n  x + y as s, ${version}\nfrom delta.a where at is not null`,
    ),
  ];
  const sums: File = [
    'models/gold/sums.sql',
    modelText(
      'incremental',
      `${ungated}\ntouched:\n  m: |\n    select id\n    from delta.m where s > 0\n  k: select s.id from delta.k as d join gold.sums as s on s.id = d.id`,
      'select id, sum(s) as total\nfrom touched.sums join silver.m using (id) group by id',
    ),
  ];

  test('a delta is its relation; touched queries have rows recomputed and are no origin', async () => {
    expect(await stepsOf([mapped, sums], 'silver.m')).toEqual(
      expect.arrayContaining(['* ? a.at', 'id = a.id', 's ~ a.x', 's ~ a.y']),
    );
    expect(await stepsOf([mapped, sums], 'gold.sums')).toEqual([
      '* ! silver.k.id',
      '* ! silver.m.id',
      '* ! silver.m.s',
      '* ? silver.m.id',
      'id = silver.m.id',
      'total ~ silver.m.s',
    ]);
  });

  test('a key that comes through touched alone is what its queries select', async () => {
    const kept = sums[1]
      .replace('join silver.m using (id)', 'left join silver.m as m on m.id = sums.id')
      .replace('select id, sum', 'select sums.id, sum')
      .replace('group by id', 'group by sums.id');
    expect(await stepsOf([mapped, [sums[0], kept]], 'gold.sums')).toEqual(
      expect.arrayContaining(['id = silver.m.id']),
    );
  });

  test('every step has the line of the file that names the column', async () => {
    const { steps } = lineageOf(buildGraph(await parseAll([...given, mapped, sums])));
    const lines = steps
      .filter(({ model }) => model === 'gold.sums')
      .map(({ how, fromColumn, line }) => [how, fromColumn, line]);
    expect(lines).toEqual(
      expect.arrayContaining([
        ['computed', 's', 16],
        ['recomputed', 's', 13],
        ['recomputed', 'id', 12],
        ['rows', 'id', 17],
      ]),
    );
  });

  test('is followed up to bronze, and down to whoever reads it', async () => {
    const graph = buildGraph(
      await parseAll([...given, mapped, sums, view('select total as t from gold.sums')]),
    );
    const traced = { graph, lineage: lineageOf(graph) };
    const names = (trace: Trace): unknown[] => [
      `${trace.how ?? ''} ${trace.relation}.${trace.column}`,
      ...trace.next.map(names),
    ];
    expect(names(traceUp(traced, 'semantic.v', 't'))).toEqual([
      ' semantic.v.t',
      ['copied gold.sums.total', ['computed silver.m.s', ['computed bronze.a.x'], ['computed bronze.a.y']]],
    ]);
    expect(names(traceDown(traced, 'bronze.a', 'y'))).toEqual([
      ' bronze.a.y',
      [
        'computed silver.m.s',
        ['computed gold.sums.total', ['copied semantic.v.t']],
        ['recomputed gold.sums.*'],
      ],
    ]);
  });

  test('the times of a history and its _xid can be read, and come from nowhere', async () => {
    const history: File = ['models/gold/h.sql', modelText('history', ungated, 'select id, x from bronze.a')];
    const reads = view('select x, valid_from as since, _xid as w from gold.h where valid_to is null');
    expect(await stepsOf([history, reads])).toEqual([
      '* ? gold.h.valid_to',
      'since = gold.h.valid_from',
      'w = gold.h._xid',
      'x = gold.h.x',
    ]);
  });
});

describe('personal columns', () => {
  const file = (marks: string): File => [
    'models/gold/p.sql',
    modelText(
      'full_refresh',
      `${ungated}\n${marks}`,
      'select id,\n  x as n, count(y) as m from bronze.a where at is null group by id, x',
    ),
  ];
  const flows = async (marks: string): Promise<readonly string[]> => {
    const personal: File = [
      'models/bronze/a.sql',
      given[0]?.[1].replace(/\b(x|y|at): \{/g, '$1: {personal: true, ') ?? '',
    ];
    const graph = buildGraph(await parseAll([personal, ...given.slice(1), file(marks)]));
    return personalFlows({ graph, lineage: lineageOf(graph) }).map(
      ({ problem, mend, line }) => `${line}: ${problem}. ${mend}`,
    );
  };

  test('that flow into one not marked so are told; what only decides rows is not', async () => {
    expect(await flows('time_column: n')).toEqual([
      '13: gold.p.n is copied from bronze.a.x, which is personal, and is not marked so. Say personal: true under columns: n, or personal: false when it gives nobody away.',
      '13: gold.p.m is computed from bronze.a.y, which is personal, and is not marked so. Say personal: true under columns: m, or personal: false when it gives nobody away.',
    ]);
  });

  test('that are marked, or said to be none, are not', async () => {
    expect(
      await flows('columns: {n: {description: d, personal: true}, m: {description: d, personal: false}}'),
    ).toEqual([]);
  });
});
