import { expect, test } from 'vitest';
import type { GateHeldPage } from '../../../activities/page.ts';
import { failedEvent } from '../../../activities/page/failed-event.ts';
import { heldEvent, passedEvent } from '../../../activities/page/gate-event.ts';
import type { GateFacts } from '../../../activities/page/facts.ts';
import { warnedEvent } from '../../../activities/page/warned-event.ts';
import { failingVerdict } from './verdict.ts';

const setting = {
  environment: 'demo',
  dedupKey: 'weir/demo/stg_transactions/transactions',
  links: {
    temporalUi: 'http://localhost:8233',
    namespace: 'weir',
    repositoryUrl: 'https://example.com/weir/blob/main/',
  },
};
const facts: GateFacts = {
  firstFailedAt: new Date('2017-01-02T11:00:05Z'),
  lastGood: {
    loadId: 11,
    model: 'stg_transactions',
    publishedAt: new Date('2017-01-02T10:00:09Z'),
    asOf: new Date('2017-01-02T10:00:00Z'),
    run: { workflowId: 'hourly-incremental-load/2017-01-02T10', runId: 'run-0' },
  },
  firstRun: null,
  changes: [
    { what: 'suite transactions', at: new Date('2017-01-02T10:30:00Z') },
    { what: 'SQL of raw_transactions', at: new Date('2017-01-01T09:00:00Z') },
  ],
  objectives: [
    {
      model: 'fct_daily_sales',
      objectiveSeconds: 4_500,
      missedAt: new Date('2017-01-02T11:15:00Z'),
    },
  ],
  load: {
    pipeline: 'hourly',
    intervalStart: new Date('2017-01-02T10:00:00Z'),
    intervalEnd: new Date('2017-01-02T11:00:00Z'),
    asOf: new Date('2017-01-02T11:00:00Z'),
  },
};
const run = { workflowId: 'hourly-incremental-load/2017-01-02T11', runId: 'run-1' };
const held: GateHeldPage = {
  kind: 'gateHeld',
  verdict: failingVerdict(),
  model: {
    name: 'stg_transactions',
    owner: 'store-data',
    tier: 1,
    runbook: null,
    downstream: ['fct_daily_sales'],
  },
  run,
  resetEventId: 23,
  holdUntil: '2017-01-02T23:00:05.000Z',
};

test('says in one line what is held, how much of it, and what broke, the loudest first', () => {
  expect(heldEvent(held, { ...setting, facts }).summary).toBe(
    'stg_transactions held: 4 of 8 promises broken in a batch of 57 rows. store_id not null: 1 of 57 rows null; ' +
      'transaction_id unique: 2 of 57 rows share a value; total_amount between 0 and 100000: 1 of 57 rows outside; ' +
      'row count between 100 and 20000: 57 rows · 1 model waits · decide by 2017-01-02T23:00Z',
  );
});

test('names five promises and counts the rest, within 1,024 characters', () => {
  const failed = Array.from({ length: 30 }, (_, index) => ({
    ...failingVerdict().failed[0]!,
    index,
    expected: 'x'.repeat(100),
  }));
  const { summary } = heldEvent({ ...held, verdict: failingVerdict({ failed }) }, { ...setting, facts });
  expect(summary).toMatch(/; and 25 more · 1 model waits · decide by 2017-01-02T23:00Z$/);
  const long = failed.map((one) => ({ ...one, expected: 'x'.repeat(1_000) }));
  expect(
    heldEvent({ ...held, verdict: failingVerdict({ failed: long }) }, { ...setting, facts }).summary,
  ).toHaveLength(1_024);
});

test('says why a gate could not be checked', () => {
  const verdict = failingVerdict({
    outcome: 'error',
    failed: [],
    reason: 'parameter valid_store_ids has no rows: run dailyDimensionRefresh first',
  });
  const event = heldEvent({ ...held, verdict }, { ...setting, facts });
  expect(event.summary).toBe(
    'stg_transactions held: its input gate (suite transactions) could not be checked: parameter valid_store_ids has no rows: run dailyDimensionRefresh first · 1 model waits · decide by 2017-01-02T23:00Z',
  );
  expect(event.details['runbook']).toBe('docs/runbooks/gate-held.md#it-could-not-be-checked');
  expect(event.details['not_checked']).toBe(verdict.reason);
  expect(event.details).not.toHaveProperty('which_rows');
});

test('carries what a responder needs', () => {
  const event = heldEvent(held, { ...setting, facts });
  const { verdictId } = held.verdict;
  expect(event).toMatchObject({
    eventId: `${verdictId}/held`,
    severity: 'critical',
    component: 'stg_transactions',
    group: 'hourly',
    links: [
      {
        href: 'http://localhost:8233/namespaces/weir/workflows/hourly-incremental-load%2F2017-01-02T11/run-1/user-metadata',
        text: 'Run: what broke, what to press',
      },
      {
        href: 'https://example.com/weir/blob/main/docs/runbooks/gate-held.md#what-to-press',
        text: 'Runbook',
      },
      { href: 'https://example.com/weir/blob/main/expectations/suites/transactions.json', text: 'Suite' },
      {
        href: 'http://localhost:8233/namespaces/weir/workflows/hourly-incremental-load%2F2017-01-02T11/run-1/history',
        text: 'Run: its history',
      },
      {
        href: 'http://localhost:8233/namespaces/weir/workflows/hourly-incremental-load%2F2017-01-02T10/run-0/history',
        text: 'Last good run',
      },
    ],
    details: {
      since: '2017-01-02T11:00:05.000Z',
      last_good_load:
        'stg_transactions as of 2017-01-02T10:00:00.000Z, published 2017-01-02T10:00:09.000Z (load 11)',
      data_interval: '[2017-01-02T10:00:00.000Z, 2017-01-02T11:00:00.000Z)',
      as_of: '2017-01-02T11:00:00.000Z',
      owner: 'store-data',
      tier: 1,
      changed_lately: [
        'suite transactions: 2017-01-02T10:30:00.000Z, after the last good load',
        'SQL of raw_transactions: 2017-01-01T09:00:00.000Z',
      ],
      objectives_at_risk: ['fct_daily_sales, 75 min: missed since 2017-01-02T11:15:00.000Z'],
      which_rows: `npm run weir -- gate rows ${verdictId}`,
      downstream_held: ['fct_daily_sales'],
      hold_ends:
        '2017-01-02T23:00:05.000Z: the run fails as GateHeld; then reset it to event 23 to run only the gate again',
    },
  });
  expect(event.details['what_broke']).toMatchObject([
    { column: 'store_id', rows: '1 of 57 (1.8 %)', severity: 'critical', where: '/expectations/1' },
    { column: 'transaction_id', rows: '2 of 57 (3.5 %)' },
    {
      column: 'total_amount',
      expected: 'total_amount between 0 and 100000',
      observed: '1 of 57 rows outside',
    },
    { column: null, rows: null, severity: 'warning' },
  ]);
});

test('says what came of setting rows aside', () => {
  expect(heldEvent(held, { ...setting, facts }).details).not.toHaveProperty('quarantine');
  const refused = '4 rows went aside, and what is left does not pass either';
  expect(heldEvent({ ...held, refused }, { ...setting, facts }).details['quarantine']).toBe(refused);
});

test('gives the JSON to paste and the command for each decision', () => {
  const press = heldEvent(held, { ...setting, facts }).details['what_to_press'] as {
    update: string;
    json: string;
    command: string;
  }[];
  expect(press.map(({ update }) => update)).toEqual([
    'reloadAndRetry',
    'retryGate',
    'overrideGate',
    'quarantineAndContinue',
    'abandon',
  ]);
  for (const { json, command } of press) {
    expect(JSON.parse(json)).toMatchObject({
      verdictId: held.verdict.verdictId,
      reason: expect.any(String),
      by: 'YOUR NAME',
    });
    expect(command).toContain(held.verdict.verdictId);
  }
});

test('resolves with the name and the reason of who overrode the gate', () => {
  const passed = {
    kind: 'gatePassed',
    model: 'stg_transactions',
    gate: 'input',
    suite: 'transactions',
    verdictId: 'v-1',
    run,
  } as const;
  expect(passedEvent(passed, setting)).toMatchObject({
    action: 'resolve',
    eventId: 'v-1/passed',
    summary: 'stg_transactions passed its input gate (suite transactions)',
  });
  const by = { decision: 'overrideGate', reason: 'the till of store 7 was replaced', decidedBy: 'Ada' };
  expect(passedEvent({ ...passed, by }, setting)).toMatchObject({
    eventId: 'v-1/overridden',
    summary:
      'stg_transactions goes on although its input gate (suite transactions) failed: overrideGate by Ada: the till of store 7 was replaced',
    details: { decided_by: 'Ada', reason: 'the till of store 7 was replaced' },
  });
  expect(passedEvent({ ...passed, by: { ...by, decision: 'reloadAndRetry' } }, setting).summary).toBe(
    'stg_transactions passed its input gate (suite transactions) after reloadAndRetry by Ada: the till of store 7 was replaced',
  );
});

test('offers no quarantine where no row can be blamed', () => {
  const verdict = failingVerdict({ reason: 'no rows of stores' });
  const press = heldEvent({ ...held, verdict }, { ...setting, facts }).details['what_to_press'];
  expect(JSON.stringify(press)).not.toContain('quarantineAndContinue');
});

test.each([
  [0, 'stg_transactions goes on as it is: 4 of 8 promises broken in a batch of 57 rows.'],
  [1, 'stg_transactions goes on without 1 row, which is in quarantine: 4 of 8'],
  [3, 'stg_transactions goes on without 3 rows, which are in quarantine: 4 of 8'],
])('something critical that holds nothing pages all the same, with %s rows aside', (quarantined, summary) => {
  const { model, verdict } = held;
  const event = failedEvent({ kind: 'gateFailed', verdict, model, run, quarantined }, { ...setting, facts });
  expect(event).toMatchObject({ action: 'trigger', severity: 'critical', class: 'gate failed' });
  expect(event.dedupKey).toBe(heldEvent(held, { ...setting, facts }).dedupKey);
  expect(event.summary).toContain(summary);
  const press = JSON.stringify(event.details['what_to_press']);
  expect(press).toContain('the next load that passes resolves this incident');
  expect(press.includes('quarantine list --model stg_transactions')).toBe(quarantined > 0);
  // Nothing is held, so there is nothing to decide.
  expect(press).not.toMatch(/reloadAndRetry|overrideGate|verdictId/);
});

test('leads to its gate run where there is a catalogue, from every page about a verdict', () => {
  const { verdictId } = held.verdict;
  const catalogued = {
    ...setting,
    links: { ...setting.links, catalogueUrl: 'https://example.com/catalogue/' },
  };
  const link = {
    href: `https://example.com/catalogue/gates/${verdictId}.html`,
    text: 'Gate run: history and promises',
  };
  const passed = { kind: 'gatePassed', model: 'stg_transactions', gate: 'input' } as const;
  const events = (set: typeof setting) => [
    heldEvent(held, { ...set, facts }),
    failedEvent({ ...held, kind: 'gateFailed', quarantined: 0 }, { ...set, facts }),
    warnedEvent({ ...held, kind: 'gateWarned' }, set),
    passedEvent({ ...passed, suite: 'transactions', verdictId, run }, set),
  ];
  for (const event of events(catalogued)) expect(event.links).toContainEqual(link);
  for (const event of events(setting)) expect(event.links.map(({ text }) => text)).not.toContain(link.text);
  expect(
    heldEvent(held, { ...catalogued, facts })
      .links.slice(0, 3)
      .map(({ text }) => text),
  ).toEqual(['Run: what broke, what to press', 'Runbook', link.text]);
});
