import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { receiversOf } from '../../../activities/notifiers/routes.ts';
import { notifierTypes } from '../../../activities/notifiers/notifier-types.ts';
import { readRouting } from '../../../workers/notify/read-routing.ts';
import { problemText } from '../../../workers/notify/routing.ts';
import { pageEvent } from '../../activities/notifiers/page-event.ts';

const SHIPPED = ['log', 'pagerduty', 'slack', 'webhook'];
const all = await notifierTypes();
/** Whoever adds a kind of notifier changes nothing here. */
const types = new Map([...all].filter(([name]) => SHIPPED.includes(name)));
const EXAMPLE = path.resolve(import.meta.dirname, '../../../infra/notify.example.yaml');

const read = (text: string) => readRouting('notify.yaml', text, types);
const RECEIVERS = `receivers:
  on-call:
    type: pagerduty
    key: { env: KEY }
  chat:
    type: slack
    url: { file: secret/url }
`;
const problemsOf = (text: string): readonly string[] => read(text).problems.map(problemText);

test('the shipped kinds of notifier are found by their files', () => {
  expect([...types.keys()]).toEqual(SHIPPED);
});

test('the shipped example is right, and tells who it says', () => {
  const { routing, problems, warnings } = readRouting(EXAMPLE, readFileSync(EXAMPLE, 'utf8'), types);
  expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
  const to = (changes: Parameters<typeof pageEvent>[0]) =>
    receiversOf(routing?.routes ?? [], pageEvent(changes));
  expect(to({ severity: 'critical', tier: 1 })).toEqual(['log-lines', 'on-call', 'data-chat']);
  expect(to({ severity: 'warning', owner: 'finance' })).toEqual(['log-lines', 'finance-desk', 'data-chat']);
  expect(to({ severity: 'error', tier: 3 })).toEqual(['log-lines', 'office-hours', 'data-chat']);
});

test('a value stands for a list of one, and where each part stands is known', () => {
  const { routing } = read(`${RECEIVERS}routes:
  - severity: critical
    tier: 1
    to: [on-call, chat]
    goes_on: true
  - to: chat
`);
  expect(routing).toEqual({
    file: 'notify.yaml',
    receivers: [
      { name: 'on-call', type: 'pagerduty', secrets: { key: { env: 'KEY' } }, line: 2 },
      { name: 'chat', type: 'slack', secrets: { url: { file: 'secret/url' } }, line: 5 },
    ],
    routes: [
      { match: { severity: ['critical'], tier: [1] }, to: ['on-call', 'chat'], goesOn: true, line: 9 },
      { match: {}, to: ['chat'], goesOn: false, line: 13 },
    ],
  });
});

test('a receiver that nobody is sent to is told, and refuses nothing', () => {
  const { routing, warnings } = read(`${RECEIVERS}routes:\n  - to: on-call\n`);
  expect(routing).not.toBeNull();
  expect(warnings.map(problemText)).toEqual([
    'notify.yaml:5: no route tells chat. Name it in the `to` of a route, or take it out.',
  ]);
});

const ALL = '  - to: [on-call, chat]\n';
const refused: Readonly<Record<string, readonly [text: string, told: readonly (string | RegExp)[]]>> = {
  'what is not YAML': ['receivers: [', [/^notify\.yaml:1: this is not YAML: /]],
  'an empty file': ['', [/^notify\.yaml:1: the file must be object/]],
  'no routes': [RECEIVERS, [/^notify\.yaml:1: the file lacks routes\. Add it: Asked from the top/]],
  'a kind of notifier that is none': [
    `receivers:\n  chat:\n    type: slak\nroutes:\n  - to: chat\n`,
    ['notify.yaml:3: receivers.chat.type is none of log, pagerduty, slack, webhook. Did you mean `slack`?'],
  ],
  'a secret in the file': [
    `receivers:\n  chat:\n    type: slack\n    url: https://hooks.slack.com/services/SECRET\nroutes:\n  - to: chat\n`,
    [
      'notify.yaml:4: receivers.chat.url does not name a secret. The secret itself does not belong here: name where it is, {env: NAME} or {file: PATH}.',
    ],
  ],
  'a receiver without its secret': [
    `receivers:\n  on-call:\n    type: pagerduty\nroutes:\n  - to: on-call\n`,
    [/^notify\.yaml:2: receivers\.on-call lacks key\. Add it: the integration key/],
  ],
  'a word that is not known': [
    `${RECEIVERS}routes:\n  - severty: critical\n    to: chat\n${ALL}`,
    [/^notify\.yaml:9: routes\.0 has severty, which is not known here\. Did you mean `severity`\?/],
  ],
  'a severity that is none': [
    `${RECEIVERS}routes:\n  - severity: [critical, hi]\n    to: chat\n${ALL}`,
    [/^notify\.yaml:9: routes\.0\.severity\.1 is none of critical, error, warning, info/],
  ],
  'a name of a receiver that is none': [
    `receivers:\n  On Call:\n    type: log\nroutes:\n  - to: On Call\n`,
    [/^notify\.yaml:2: receivers names On Call\. Names of receivers are small letters/],
  ],
  'a receiver that is not there': [
    `${RECEIVERS}routes:\n  - to: [chatt, on-call]\n`,
    ['notify.yaml:9: this route tells chatt, which is no receiver. Did you mean `chat`?'],
  ],
  'nothing at the end for what matches no route': [
    `${RECEIVERS}routes:\n  - severity: critical\n    to: [on-call, chat]\n`,
    [/^notify\.yaml:9: what matches no route would be told to nobody\. End with a route that has only `to`/],
  ],
  'an end that goes on': [
    `${RECEIVERS}routes:\n  - to: [on-call, chat]\n    goes_on: true\n`,
    [/^notify\.yaml:9: what matches no route/],
  ],
};

describe.each(Object.entries(refused))('%s', (_, [text, told]) => {
  test('is refused with place, expectation and mend', () => {
    const problems = problemsOf(text);
    expect(problems).toEqual(told.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))));
    expect(problems.join()).not.toContain('SECRET');
  });
});

const shadowed: Readonly<Record<string, readonly [routes: string, line: number | null]>> = {
  'behind one that matches everything': [`${ALL}  - tier: 1\n    to: chat\n${ALL}`, 10],
  'behind another that has all': [`  - to: chat\n  - to: on-call\n`, 10],
  'behind the same': [`  - owner: a\n    to: chat\n  - owner: a\n    to: on-call\n${ALL}`, 11],
  'behind a pattern that is wider': [
    `  - model: fct_*\n    to: chat\n  - model: [fct_a, fct_b]\n    to: on-call\n${ALL}`,
    11,
  ],
  'behind two that share its severities': [
    `  - severity: [critical, error]\n    to: chat\n  - severity: [warning, info]\n    to: on-call\n  - owner: x\n    to: on-call\n${ALL}`,
    13,
  ],
  'not behind one that goes on': [`  - to: chat\n    goes_on: true\n  - tier: 1\n    to: chat\n${ALL}`, null],
  'not behind one that is narrower': [
    `  - tier: 1\n    owner: a\n    to: chat\n  - tier: 1\n    to: chat\n${ALL}`,
    null,
  ],
  // An event may say no tier.
  'not behind all tiers': [`  - tier: [1, 2, 3]\n    to: chat\n${ALL}`, null],
};

describe.each(Object.entries(shadowed))('a route %s', (_, [routes, line]) => {
  test('is told where it can never match', () => {
    const never = problemsOf(`${RECEIVERS}routes:\n${routes}`).filter((one) => one.includes('never match'));
    expect(never).toEqual(
      line === null ? [] : [expect.stringMatching(new RegExp(`^notify\\.yaml:${line}: .*Move it up`))],
    );
  });
});
