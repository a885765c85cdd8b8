import { beforeAll, describe, expect, test } from 'vitest';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { allVerbs, type KnownVerb } from '../../cli/command-tree.ts';
import { weir } from '../../cli/weir.ts';

const verbs: readonly KnownVerb[] = await allVerbs(weir);

/** Verbs without `--json`, and why. */
const WITHOUT_JSON: Readonly<Record<string, string>> = {
  'weir profile': 'what it prints is JSON: a suite',
  'weir completion': 'what it prints is a script, or words',
};

/** A word of a shell, or a text in quotes. */
const WORD = /"[^"]*"|'[^']*'|\S+/g;

test('the tree has the verbs that an operator’s day needs', () => {
  expect(verbs.map(({ name }) => name)).toEqual(
    expect.arrayContaining(
      [
        ...['run', 'status', 'runs', 'plan', 'reset', 'backfill', 'replay', 'doctor'],
        ...[
          'gate list',
          'gate rows',
          'gate retry',
          'gate reload',
          'gate override',
          'gate quarantine',
          'gate abandon',
        ],
        ...['schedules apply', 'schedules diff', 'schedules list', 'schedules pause', 'schedules trigger'],
        ...['new model', 'new source', 'new suite', 'new expectation', 'new notifier'],
      ].map((name) => `weir ${name}`),
    ),
  );
});

describe.each(verbs)('$name', ({ name, meta, args, verbs: below }) => {
  const said = meta.description ?? '';
  let example: readonly string[];
  beforeAll(() => {
    const [, text = ''] = /Example: (.*?)(?= Exit codes: |$)/.exec(said) ?? [];
    example = text.replace(/^source <\((.*)\)$/, '$1').match(WORD) ?? [];
  });

  test('says what it does, with an example and its exit codes', () => {
    expect(said).toMatch(/^[A-Z].*\S.* Example: .* Exit codes: .*\.$/s);
    expect(said).toMatch(
      below.length > 0 && Object.keys(args).length === 0 ? /Exit codes: / : /Exit codes: 0 /,
    );
  });

  test('its example is of words that it knows', () => {
    // What a pipe hands to it is another command's.
    const [words = ''] = example.join(' ').split('| ').slice(-1);
    // Without a full stop: it would be taken for part of the last word when somebody copies it.
    expect(words).toMatch(/^weir .*[^.]$/);
    const group = below.length > 0 && Object.keys(args).length === 0;
    if (group) return;
    expect(`${words} `).toContain(`${name} `);
    for (const [flag] of words.matchAll(/(?<= )--[a-z-]+/g)) expect(args).toHaveProperty([flag.slice(2)]);
  });

  test('prints JSON where it prints data, and every flag says what it is for', () => {
    const isGroup = below.length > 0 && Object.keys(args).length === 0;
    expect('json' in args || isGroup || name in WITHOUT_JSON).toBe(true);
    expect('json' in args && name in WITHOUT_JSON).toBe(false);
    for (const [flag, { description }] of Object.entries(args))
      expect([flag, description]).not.toContain(undefined);
  });
});

/** A line of the guide's table: what a verb does, and its exit codes. */
function row({ name, meta, args }: KnownVerb): string {
  const said = meta.description ?? '';
  const [what = ''] = said.split(/(?<=\S\.) |(?= Example: )/);
  const [, codes = ''] = /Exit codes: (.*)\.$/s.exec(said) ?? [];
  const places = Object.entries(args).flatMap(([place, { type, required }]) =>
    type === 'positional' ? [required === true ? place.toUpperCase() : `[${place.toUpperCase()}]`] : [],
  );
  return `| \`${[name, ...places].join(' ')}\` | ${what.replace(/\.$/, '')} | ${codes} |`;
}

/** `RECORD_GUIDES=1` writes it, as it does what commands print. */
test('the guide has every verb in one table', () => {
  const does = verbs.filter(({ args, verbs: below }) => below.length === 0 || Object.keys(args).length > 0);
  const table = ['| verb | what it does | exit codes |', '| --- | --- | --- |', ...does.map(row)].join('\n');
  const file = path.resolve(import.meta.dirname, '../../docs/guides/shell.md');
  const [before = '', rest = ''] = readFileSync(file, 'utf8').split('<!-- verbs -->\n');
  const [had = '', after = ''] = rest.split('\n<!-- /verbs -->');
  if (process.env['RECORD_GUIDES'] === '1')
    writeFileSync(file, `${before}<!-- verbs -->\n${table}\n<!-- /verbs -->${after}`);
  else expect(had).toBe(table);
});
