import { describe, expect, test } from 'vitest';
import { daysPattern, durationPattern } from '../../models/duration.ts';
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
const noName = 'must match pattern "^[a-z_][a-z0-9_]{0,62}$"';
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
      '9: the header has uniqe_key, which is not known here. Known here: kind, schedule, owner, tier, description, grain, ' +
        'runbook, time_column, grants, unique_key, gates, gate, gate_reason, touched, on_schema_change, indexes, ' +
        'partitioning, freshness, max_shrink, columns.',
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
      `3: schedule must be equal to one of the allowed values: ["minute","hourly","daily"]. ${schema}`,
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
    [
      'with a mode unknown',
      full('on_schema_change: ignore'),
      '8: on_schema_change must be equal to one of the allowed values: ["fail","append_new_columns","sync_all_columns"]. ' +
        schema,
    ],
    [
      'with a role that is no name',
      full('grants: {select: ["a b"]}'),
      `8: grants.select.0 ${noName}. ${schema}`,
    ],
    ['with a grant of another kind', full('grants: {insert: [bi]}'), '8: grants lacks select. Add it.'],
    [
      'with an objective that is no length of time',
      full('freshness:\n  objective: soon\n  target: 0.99'),
      `9: freshness.objective must match pattern "${durationPattern}". Write it as in 75 minutes, 2 h, 1 day.`,
    ],
    [
      'with a target of nothing',
      full('freshness: {objective: 2 h, target: 0}'),
      `8: freshness.target must be > 0. ${schema}`,
    ],
    [
      'with partitions of another length',
      full('partitioning: {by: week, column: id}'),
      `8: partitioning.by must be equal to one of the allowed values: ["day","month"]. ${schema}`,
    ],
    ['with more than a whole', full('max_shrink: 10'), `8: max_shrink must be <= 1. ${schema}`],
    [
      'with a retention in hours',
      modelText('source', 'retention: 90 h'),
      `7: retention must match pattern "${daysPattern}". Write it as in 90 days.`,
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
