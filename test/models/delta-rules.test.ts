import { describe, expect, test } from 'vitest';
import { parseModel } from '../../models/parse.ts';
import { modelText, refusalOf, ungated, version } from './model-text.ts';

const file = 'models/gold/things.sql';
/** Published models: three header lines, so the SELECT begins on line 11. */
const incremental = (select: string): string => modelText('incremental', ungated, select);
const touched = (queries: string, select: string): string =>
  modelText('incremental', `${ungated}\ntouched:\n${queries}`, select);
const clock = "Use now(): it is the run's as-of time.";

describe('a model that maps a delta is refused', () => {
  test.each<[what: string, select: string, problem: string]>([
    [
      'with two deltas',
      `select a.id, ${version}\nfrom delta.a\njoin delta.b using (id)`,
      '13: delta.b beside delta.a: a delta used where touched: is needed. Two deltas cannot be joined: a row of one whose partner came earlier would be lost. State touched: keys for each.',
    ],
    [
      'that groups',
      'select id from\n  delta.a group by id',
      '12: rows of delta.a are grouped or made distinct: a delta used where touched: is needed. A window has only part of a group. State touched: keys and group whole relations.',
    ],
    [
      'that makes distinct',
      `select distinct id, ${version} from delta.a`,
      '11: rows of delta.a are grouped or made distinct: a delta used where touched: is needed. A window has only part of a group. State touched: keys and group whole relations.',
    ],
    [
      'that unites',
      'select id from delta.a union select id from gold.b',
      '11: rows of delta.a are grouped or made distinct: a delta used where touched: is needed. A window has only part of a group. State touched: keys and group whole relations.',
    ],
    [
      'without the version',
      'select id, _source, _position from delta.a',
      '11: the SELECT lacks _revision, _load. Carry them through: publish tells by them which version is later and which row was left out.',
    ],
  ])('%s', async (_what, select, problem) => {
    expect(await refusalOf(() => parseModel(file, incremental(select)))).toEqual([`${file}:${problem}`]);
  });
});

describe('a model with touched keys is refused', () => {
  const select = 'select id from touched.things join gold.a using (id)';
  test.each<[what: string, text: string, problem: string]>([
    [
      'that reads a delta in its SELECT',
      touched('  a: select id from delta.a', 'select id from touched.things\njoin delta.a using (id)'),
      '14: delta.a in the SELECT of a model with touched:. Read whole relations there; deltas belong into touched:.',
    ],
    [
      'that does not read its keys',
      touched('  a: select id from delta.a', 'select id from gold.a'),
      '13: the SELECT does not read touched.things. Join touched.things: it has the keys to recompute.',
    ],
    [
      'that is a full refresh',
      touched('  a: select id from delta.a', select).replace('incremental', 'full_refresh'),
      '10: touched: in a full_refresh model. It is for kind incremental.',
    ],
    [
      'whose query reads another delta',
      touched('  a: |\n    select id\n    from delta.b', select),
      '12: touched a must read delta.a, once, and no other delta. One query a delta: their keys are united.',
    ],
    [
      'whose query reads no delta',
      touched('  a: select id from gold.a', select),
      '11: touched a must read delta.a, once, and no other delta. One query a delta: their keys are united.',
    ],
    [
      'whose query selects no key',
      touched('  a: select id, other from delta.a', select),
      '11: touched a selects (id, other). Select the unique key, in its order: (id).',
    ],
    [
      'whose query is no SQL',
      touched('  a: |\n    select id\n    frm delta.a x y', select),
      '13: SQL: syntax error at or near "delta". Run the file in psql to see it there.',
    ],
    [
      'whose query reads the clock',
      touched('  a: |\n    select id\n    from delta.a where at < localtimestamp', select),
      `13: the SQL reads the clock with localtimestamp. ${clock}`,
    ],
  ])('%s', async (_what, text, problem) => {
    expect(await refusalOf(() => parseModel(file, text))).toContain(`${file}:${problem}`);
  });
});
