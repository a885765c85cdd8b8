import { describe, expect, test } from 'vitest';
import { parseModel } from '../../models/parse.ts';
import { modelText, refusalOf, sourceText, ungated, version } from './model-text.ts';

const file = 'models/gold/things.sql';
/** Published models: three header lines, so the SELECT begins on line 11. */
const incremental = (select: string): string => modelText('incremental', ungated, select);
const full = (select: string): string => modelText('full_refresh', ungated, select);
const anySelect = 'select id from bronze.raw_things';
const typeMend =
  'Write one as Postgres knows it, in small letters: text, numeric(12,2), timestamp, jsonb, text[].';

describe('a model is refused, with line and mend', () => {
  test.each<[what: string, text: string, problems: string[]]>([
    [
      'a star',
      full('select * from bronze.raw_things'),
      [
        '11: the SELECT ends in a star. Name its columns: one that comes or goes must be seen.',
        '7: unique_key id: the SELECT has no such column. Add it to the SELECT.',
      ],
    ],
    [
      'a column without a name',
      full('select id,\n  1 + 1\nfrom bronze.raw_things'),
      ['12: a column without a name. Add: as <name>.'],
    ],
    [
      'a column that is no name',
      full('select id, 1 as "One" from bronze.raw_things'),
      ['11: column One is not snake_case. Small letters, digits and _, at most 63.'],
    ],
    [
      'a column twice',
      full('select id,\n  id from bronze.raw_things'),
      ['12: column id twice. Give one another name.'],
    ],
    [
      'a column of Weir',
      full('select id, _xid from bronze.raw_things'),
      ['11: column _xid is one that Weir adds itself. Leave it out.'],
    ],
    [
      'a key that is no column',
      full('select other from bronze.raw_things'),
      ['7: unique_key id: the SELECT has no such column. Add it to the SELECT.'],
    ],
    [
      'a described column that is none',
      modelText('full_refresh', `${ungated}\ncolumns:\n  gone: {description: d}`, anySelect),
      ['11: the SELECT has no column gone. It has id.'],
    ],
    [
      'an index on a column that is none',
      modelText('full_refresh', `${ungated}\nindexes:\n  - [id, gone]`, anySelect),
      ['11: the SELECT has no column gone. It has id.'],
    ],
    [
      'a time column that is none',
      modelText('full_refresh', `${ungated}\ntime_column: at`, anySelect),
      ['10: the SELECT has no column at. It has id.'],
    ],
    [
      'a history with a time of its own',
      modelText('history', ungated, 'select id,\n  now() as valid_from\nfrom bronze.raw_things'),
      [
        '12: column valid_from in the SELECT of a history. Leave it out or name it otherwise: ' +
          'Weir writes it, from when a version of a row was published until the next one.',
      ],
    ],
    [
      'a history of a delta',
      modelText('history', ungated, 'select id\nfrom delta.raw_things'),
      ['12: delta.raw_things in a history model. Name the whole relation by its own schema.'],
    ],
    [
      'a history with touched keys',
      modelText(
        'history',
        `${ungated}\ntouched:\n  raw_things: select id from delta.raw_things`,
        'select id from touched.things',
      ),
      ['10: touched: in a history model. It is for kind incremental.'],
    ],
    [
      'partitioning by a column outside the key',
      modelText(
        'full_refresh',
        `${ungated}\npartitioning:\n  by: day\n  column: day`,
        'select id, day from bronze.raw_things',
      ),
      [
        '12: partitioning by day, which is not in unique_key (id). Add it to the key, or leave partitioning out: ' +
          'Postgres keeps a key unique within a partition, so its index must have the column.',
      ],
    ],
    [
      'partitioning of a history',
      modelText('history', `${ungated}\npartitioning: {by: day, column: id}`, anySelect),
      [
        '10: partitioning of a history. Leave it out: a version stands from one day to another and belongs to no one of them.',
      ],
    ],
    [
      'max_shrink in an incremental model',
      modelText('incremental', `${ungated}\nmax_shrink: 0.1`, `select id, ${version} from delta.raw_things`),
      [
        '10: max_shrink in an incremental model. It is for full_refresh and history: no other load takes the rows away that it does not read.',
      ],
    ],
    [
      'max_shrink that nothing holds',
      modelText('full_refresh', `${ungated}\nmax_shrink: 0.1`, anySelect),
      [
        '10: max_shrink without an output gate. Name a suite under gates: output; the gate is what holds a load that shrinks too much.',
      ],
    ],
    [
      'no gate',
      modelText('full_refresh', 'unique_key: [id]', anySelect),
      [
        '2: a published model without a gate. Name a suite under gates, or say gate: none with a gate_reason.',
      ],
    ],
    [
      'no gate for no reason',
      modelText('full_refresh', 'unique_key: [id]\ngate: none', anySelect),
      ['8: gate: none without a reason. Say in gate_reason why nothing has to hold.'],
    ],
    [
      'gates and none',
      modelText('full_refresh', `${ungated}\ngates: {output: {suite: s}}`, anySelect),
      ['8: gates and gate: none contradict each other. Keep one.'],
    ],
    [
      'an input gate without a delta',
      modelText('full_refresh', 'unique_key: [id]\ngates:\n  input: {suite: s}', anySelect),
      [
        '9: an input gate without a delta to read. An input gate reads the one delta that a model maps. Use output.',
      ],
    ],
    [
      'a delta in a full refresh',
      full('select id\nfrom delta.raw_things'),
      ['12: delta.raw_things in a full_refresh model. Name the whole relation by its own schema.'],
    ],
    [
      'no delta in an incremental',
      incremental(`\n${anySelect}`),
      [
        '12: an incremental model that reads no delta. Read delta.<relation>, or state touched:, or use kind full_refresh.',
      ],
    ],
    [
      'a delta in a view',
      modelText('view', 'gate: none\ngate_reason: r', 'select id\nfrom delta.raw_things'),
      ['11: a view reads delta.raw_things. A view has no window: name whole relations by their own schema.'],
    ],
  ])('%s', async (_what, text, problems) => {
    const found = await refusalOf(() => parseModel(file, text));
    expect(found).toEqual(problems.map((one) => `${file}:${one}`));
  });
});

describe('a source is refused', () => {
  const bronze = 'models/bronze/raw_things.sql';
  test.each<[what: string, text: string, problem: string]>([
    [
      'with a type that is none',
      sourceText({ id: 'text', n: 'number(' }),
      `9: n: number( is not a type. ${typeMend}`,
    ],
    [
      'with a type that is more than a type',
      sourceText({ id: 'text', n: 'text default now()' }),
      `9: n: text default now() is not a type. ${typeMend}`,
    ],
    [
      'with a column of Weir',
      sourceText({ id: 'text', loaded_at: 'timestamp' }),
      '9: column loaded_at is one that Weir adds itself. Give it another name.',
    ],
    [
      'with a SELECT',
      `${sourceText({ id: 'text' })}${anySelect}`,
      '11: a source has no SELECT. Leave out what follows the header.',
    ],
    [
      'with a time column that is none',
      sourceText({ id: 'text' }).replace('\n*/', '\ntime_column: at\n*/'),
      '10: no column at. Name one of columns.',
    ],
    [
      'with a retention of rows that change in place',
      sourceText({ id: 'text' }).replace('json_lines', 'table').replace('\n*/', '\nretention: 90 days\n*/'),
      "10: retention with reader table. Leave it out: rows of this reader's table are the state of the source now, and none of them is old.",
    ],
    [
      'without a type',
      sourceText({ id: 'text' }).replace('type: "text", ', ''),
      '9: columns.id lacks type. Add it.',
    ],
  ])('%s', async (_what, text, problem) => {
    expect(await refusalOf(() => parseModel(bronze, text))).toEqual([`${bronze}:${problem}`]);
  });

  test.each([
    'text',
    'numeric(12,2)',
    'timestamp',
    'timestamp with time zone',
    'timestamptz(3)',
    'jsonb',
    'text[]',
    'double precision',
  ])('but not with %s', async (type) => {
    expect(await refusalOf(() => parseModel(bronze, sourceText({ id: type })))).toEqual([]);
  });
});
