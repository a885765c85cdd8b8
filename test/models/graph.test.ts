import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../models/graph.ts';
import type { Graph } from '../../models/graph.ts';
import { modelText, parseAll, refusalOf, sourceText, ungated, version } from './model-text.ts';

type File = readonly [file: string, text: string];

const raw: File = ['models/bronze/raw_things.sql', sourceText({ id: 'text' })];
const full = (name: string, ...reads: string[]): File => [
  `models/gold/${name}.sql`,
  modelText(
    'full_refresh',
    ungated,
    `select a.id\nfrom ${reads.map((one, index) => `${one} as ${'abc'[index]}`).join(', ')}`,
  ),
];
const view = (name: string, reads: string): File => [
  `models/semantic/${name}.sql`,
  modelText('view', 'gate: none\ngate_reason: r', `select id from ${reads}`),
];
/** Its query begins on line 11, its SELECT on line 12. */
const touched = (name: string, query: string, select: string): File => [
  `models/gold/${name}.sql`,
  modelText('incremental', `${ungated}\ntouched:\n  things: ${query}`, select),
];
const things: File = [
  'models/silver/things.sql',
  modelText('incremental', ungated, `select id, ${version}\nfrom delta.raw_things`),
];
/** Its query begins on line 11. */
const touchedRaw: File = [
  'models/gold/few.sql',
  modelText(
    'incremental',
    `${ungated}\ntouched:\n  raw_things: select id from delta.raw_things`,
    'select id\nfrom touched.few',
  ),
];
const state: File = [
  raw[0],
  raw[1].replace(
    /reader: .*\n(settings: .*\n)?/,
    'reader: table\nsettings: {relation: operational.things, key: [id]}\n',
  ),
];

async function graphOf(...files: File[]): Promise<Graph> {
  return buildGraph(await parseAll(files));
}

describe('models are refused, with file, line and mend', () => {
  test.each<[what: string, files: File[], problems: string[]]>([
    [
      'two of one name',
      [raw, things, full('things', 'bronze.raw_things')],
      [
        'models/gold/things.sql:1: models/silver/things.sql has the same name. Names are unique over all layers: delta.<name> has no layer.',
      ],
    ],
    [
      'that read what nobody makes',
      [raw, full('sums', 'silver.thing')],
      ['models/gold/sums.sql:12: no model makes silver.thing. Relations are bronze.raw_things, gold.sums.'],
    ],
    [
      'that map a relation whose rows can go away',
      [
        raw,
        things,
        [
          'models/gold/few.sql',
          modelText('incremental', ungated, `select id, ${version}\nfrom delta.things`),
        ],
      ],
      [
        'models/gold/few.sql:12: rows can go away from silver.things, and a model that maps its delta would keep them. Name the keys: touched: {things: select <key> from delta.things}, and select from silver.things for the keys in touched.few.',
      ],
    ],
    [
      'that take their keys from a source whose rows can go away',
      [raw, things, touchedRaw],
      [
        'models/gold/few.sql:11: rows can go away from bronze.raw_things, and a touched query would not see the keys that they had. Make a model that maps delta.raw_things, and name its delta here: it keeps what its rows were.',
      ],
    ],
    [
      'that take their keys from a source that has the state of another table',
      [state, touchedRaw],
      [
        'models/gold/few.sql:11: rows can go away from bronze.raw_things, and a touched query would not see the keys that they had. Make a model of kind full_refresh that selects from bronze.raw_things, and name its delta here: it keeps what its rows were.',
      ],
    ],
    [
      'that map a source that has the state of another table',
      [state, things],
      [
        'models/silver/things.sql:12: rows can go away from bronze.raw_things, and a model that maps its delta would keep them. Use kind full_refresh and select from bronze.raw_things.',
      ],
    ],
    [
      'that name another layer',
      [raw, things, full('sums', 'gold.things')],
      ['models/gold/sums.sql:12: no model makes gold.things. Did you mean silver.things?'],
    ],
    [
      'that read a catalogue',
      [raw, full('sums', 'pg_catalog.pg_class')],
      [
        'models/gold/sums.sql:12: no model makes pg_catalog.pg_class. Relations are bronze.raw_things, gold.sums.',
      ],
    ],
    [
      'that read the delta of a view',
      [
        raw,
        view('shown', 'bronze.raw_things'),
        ['models/gold/sums.sql', modelText('incremental', ungated, `select id, ${version} from delta.shown`)],
      ],
      ['models/gold/sums.sql:11: semantic.shown is a view and has no delta. Name what the view reads.'],
    ],
    [
      "that read another one's keys",
      [
        raw,
        things,
        touched('sums', 'select id from delta.things', 'select id from touched.sums'),
        full('more', 'touched.sums'),
      ],
      [
        "models/gold/more.sql:12: touched.sums is not this model's. Its keys are touched.more, of the header's touched:.",
      ],
    ],
    [
      'that read themselves',
      [raw, full('sums', 'bronze.raw_things', 'gold.sums')],
      [
        'models/gold/sums.sql:12: the SELECT reads its own target. Only a touched: query may, to see which keys stand there.',
      ],
    ],
    [
      'in a cycle, each of it and none beside it',
      [
        raw,
        full('x', 'bronze.raw_things', 'gold.z'),
        full('y', 'gold.x'),
        full('z', 'gold.y'),
        full('after', 'gold.x'),
      ],
      [
        'models/gold/x.sql:12: a cycle: x → z → y → x. Take one of these references away.',
        'models/gold/z.sql:12: a cycle: x → z → y → x. Take one of these references away.',
        'models/gold/y.sql:12: a cycle: x → z → y → x. Take one of these references away.',
      ],
    ],
    [
      'every one of them at once',
      [raw, full('one', 'gold.none'), full('two', 'gold.nothing')],
      [
        'models/gold/one.sql:12: no model makes gold.none. Relations are bronze.raw_things, gold.one, gold.two.',
        'models/gold/two.sql:12: no model makes gold.nothing. Relations are bronze.raw_things, gold.one, gold.two.',
      ],
    ],
  ])('%s', async (_what, files, problems) => {
    const found = await refusalOf(() => graphOf(...files));
    expect([...found].toSorted()).toEqual([...problems].toSorted());
  });
});

describe('the graph', () => {
  test('has a model after all that it reads, whatever it is named and however the files came', async () => {
    const files = [
      view('all_sums', 'gold.a_sums'),
      full('a_sums', 'gold.z_base', 'silver.things'),
      full('z_base', 'bronze.raw_things'),
      things,
      raw,
    ];
    const graph = await graphOf(...files);
    expect(graph.models.map(({ name }) => name)).toEqual([
      'raw_things',
      'things',
      'z_base',
      'a_sums',
      'all_sums',
    ]);
    expect((await graphOf(...files.toReversed())).models).toEqual(graph.models);
  });

  test('knows what a model reads and what depends on it, nearest first', async () => {
    const graph = await graphOf(
      raw,
      things,
      full('z_base', 'bronze.raw_things'),
      full('a_sums', 'gold.z_base', 'silver.things'),
      view('all_sums', 'gold.a_sums'),
    );
    expect(graph.upstream.get('a_sums')).toEqual(['things', 'z_base']);
    expect(graph.downstream.get('raw_things')).toEqual(['things', 'z_base', 'a_sums', 'all_sums']);
    expect(graph.downstream.get('all_sums')).toEqual([]);
  });

  test('lets a touched query see which keys stand in its own target', async () => {
    const query = 'select id from delta.things join gold.sums using (id)';
    const graph = await graphOf(
      raw,
      things,
      touched('sums', query, 'select id from touched.sums join silver.things using (id)'),
    );
    expect(graph.upstream.get('sums')).toEqual(['things']);
  });
});
