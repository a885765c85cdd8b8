import { describe, expect, test } from 'vitest';
import { readHeader } from '../../models/header.ts';
import { modelText } from './model-text.ts';

const file = 'models/gold/things.sql';
const full = (more: string): string => modelText('full_refresh', `unique_key: [id]\n${more}`);

/** What is wrong with a file, one line a problem: `line: problem. mend`. */
function problemsOf(text: string): readonly string[] {
  return readHeader(file, text).problems.map((one) => `${one.line}: ${one.problem}. ${one.mend}`);
}

const quote = 'Quote a text that has ": " or begins with a sign of YAML.';
const kinds = 'Kinds are source, incremental, full_refresh, history, view.';
const names = 'Names are snake_case: small letters, digits and _, at most 63.';
const schema = 'See models/header-schema.ts.';

describe('a header is refused, with line and mend', () => {
  test.each<[what: string, text: string, problem: string]>([
    [
      'that is not there',
      '-- kind: view\nselect 1',
      '1: no header: the file does not begin with a /* … */ comment. ' +
        'Begin it with a comment of YAML: kind, schedule, owner, description, grain, …',
    ],
    [
      'with a comment inside',
      '\n\n/*\nkind: view /* old */\n*/\nselect 1',
      '3: the header has a /* inside. ' +
        'Write it without /*: Postgres nests comments, so the header would not end where it seems to.',
    ],
    [
      'that is not YAML',
      full('description: a: b'),
      `8: the header is not YAML: Nested mappings are not allowed in compact mappings. ${quote}`,
    ],
    [
      'with a key twice',
      full('unique_key: [other]'),
      `8: the header is not YAML: Map keys must be unique. ${quote}`,
    ],
    ['without a kind', '/*\nschedule: daily\n*/', `2: the header has no kind. ${kinds}`],
    ['that is empty', '/**/', `1: the header has no kind. ${kinds}`],
    ['of a kind unknown', '/*\nschedule: daily\nkind: table\n*/', `3: kind table is not known. ${kinds}`],
    [
      'with a key unknown',
      full('gate: none\nuniqe_key: [id]'),
      '9: the header has uniqe_key, which is not known here. Known here: kind, schedule, owner, description, grain, ' +
        'runbook, time_column, unique_key, gates, gate, gate_reason, touched, indexes, columns.',
    ],
    [
      'with a key unknown, deep inside',
      full('gates:\n  output:\n    suite: things\n    params: {a: 1}'),
      '11: gates.output has params, which is not known here. Known here: suite, on_failure, quarantine_share, parameters.',
    ],
    [
      'that lacks a key',
      '/*\nkind: full_refresh\nschedule: daily\nowner: o\ngrain: g\nunique_key: [id]\n*/',
      '2: the header lacks description. Add it.',
    ],
    [
      'with a gate that lacks its suite',
      full('gates:\n  input: {parameters: {}}'),
      '9: gates.input lacks suite. Add it.',
    ],
    [
      'with a schedule unknown',
      full('gate: none').replace('hourly', 'weekly'),
      `3: schedule must be equal to one of the allowed values: ["hourly","daily"]. ${schema}`,
    ],
    [
      'with a number for a text',
      full('gate: none').replace('owner: o', 'owner: 7'),
      `4: owner must be string. ${schema}`,
    ],
    [
      'with an empty text',
      full('gate: none').replace('owner: o', 'owner: ""'),
      `4: owner must NOT have fewer than 1 characters. ${schema}`,
    ],
    [
      'with a column that is no name',
      full('columns:\n  Id: {description: d}'),
      `9: columns names Id. ${names}`,
    ],
    [
      'with a key without columns',
      modelText('full_refresh', 'unique_key: []'),
      `7: unique_key must NOT have fewer than 1 items. ${schema}`,
    ],
    [
      'with a column twice in the key',
      modelText('full_refresh', 'unique_key: [id, id]'),
      `7: unique_key must NOT have duplicate items (items ## 1 and 0 are identical). ${schema}`,
    ],
    ['with gate: another word', full('gate: later'), `8: gate must be equal to constant. ${schema}`],
  ])('%s', (_what, text, problem) => {
    expect(problemsOf(text)).toContain(problem);
    expect(readHeader(file, text).header).toBeNull();
  });

  test('with every problem at once', () => {
    const text = full('owners: p\ntouched: {}').replace('hourly', 'weekly').replace('grain: g', 'grain: ""');
    expect(problemsOf(text).map((one) => one.split(':')[0])).toEqual(
      expect.arrayContaining(['3', '6', '8', '9']),
    );
  });

  test('when a parameter is none of literal, list or query', () => {
    const found = problemsOf(
      full('gates:\n  output:\n    suite: s\n    parameters:\n      a: {sql: select 1}'),
    );
    expect(found.some((one) => one.startsWith('12: ') && one.includes('gates.output.parameters.a'))).toBe(
      true,
    );
  });
});

describe('a header knows', () => {
  const text = `
/*
kind: full_refresh
touched:
  first: |
    select 1
  second: select 2
columns:
  id: {description: d}
*/
select id`;
  const { lineOf, body, bodyLine } = readHeader(file, text);

  test.each<[path: (string | number)[], line: number]>([
    [['kind'], 3],
    [['touched', 'first'], 6],
    [['touched', 'second'], 7],
    [['columns', 'id'], 9],
    [['columns', 'id', 'type'], 9],
    [['columns', 'missing'], 8],
    [['nothing', 'of', 'it'], 3],
  ])('the line of %j', (path, line) => {
    expect(lineOf(path)).toBe(line);
  });

  test('where the SELECT begins', () => {
    expect([body, bodyLine]).toEqual(['select id', 11]);
  });

  test('lines that end in CRLF', () => {
    const windows = readHeader(file, full('uniqe: 1').replaceAll('\n', '\r\n'));
    expect(windows.problems.map(({ line }) => line)).toEqual([8]);
  });
});
