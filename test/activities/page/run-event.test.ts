import { expect, test } from 'vitest';
import type { RunFailedPage } from '../../../activities/page.ts';
import type { RunFacts } from '../../../activities/page/facts.ts';
import type { Ended } from '../../../activities/page/incident-words.ts';
import { runFailedEvent, runSucceededEvent } from '../../../activities/page/run-event.ts';

const facts: RunFacts = {
  firstFailedAt: new Date('2017-01-02T09:00:05Z'),
  firstRun: { workflowId: 'hourly-2017-01-02T09', runId: 'run-9' },
  lastGood: null,
  changes: [],
  objectives: [],
};
const setting = {
  environment: 'demo',
  dedupKey: 'weir/demo/hourly/run',
  links: { temporalUi: 'http://localhost:8233', namespace: 'weir', repositoryUrl: 'https://example.com' },
  facts,
  owner: 'store-data',
  tier: 1 as const,
};
const page: RunFailedPage = {
  kind: 'runFailed',
  pipeline: 'hourly',
  run: { workflowId: 'hourly-2017-01-02T11', runId: 'run-11' },
  failure: 'extract raw_transactions: Postgres refused: SQLSTATE 53100',
  failureType: 'PostgresError',
  relation: 'raw_transactions',
};

test('says what failed, since when, of what class, whose it is and what to press', () => {
  const event = runFailedEvent(page, setting);
  expect(event).toMatchObject({
    ...{ action: 'trigger', severity: 'error', owner: 'store-data', tier: 1 },
    summary: 'hourly load failed: extract raw_transactions: Postgres refused: SQLSTATE 53100',
    details: {
      ...{ failure_class: 'PostgresError', what_failed: 'raw_transactions', owner: 'store-data', tier: 1 },
      ...{ since: '2017-01-02T09:00:05.000Z', last_good_load: 'none yet' },
      where_to_look: 'npm run weir -- logs hourly-2017-01-02T11',
      runbook: 'docs/runbooks/run-failed.md#postgres',
    },
  });
  expect(event.links.map(({ text }) => text)).toEqual([
    'Run: what broke, what to press',
    'Runbook',
    'Run: its history',
    'Run that failed first',
  ]);
});

test.each([
  [{}, 'postgres'],
  [{ failureType: 'InvalidSuite' }, 'refused-files'],
  [{ failureType: 'InvalidInput' }, 'refused-input'],
  [{ failureType: 'WatermarkForeign' }, 'foreign-watermark'],
  [{ failureType: 'SomethingElse' }, 'look-first'],
  [{ pipeline: 'hourly-backfill' }, 'a-backfill'],
])('%j leads to #%s', (changes, anchor) => {
  const { details } = runFailedEvent({ ...page, ...changes }, setting);
  expect(details['runbook']).toBe(`docs/runbooks/run-failed.md#${anchor}`);
});

test('a resolve says how often it had failed and for how long, to whom its trigger went', () => {
  const incident: Ended = {
    ...{ failures: 24, first_failed_at: new Date(Date.now() - 83_100_000), owner: 'store-data' },
    tier: 1,
    told: { class: 'run failed' },
  };
  const { pipeline, run } = page;
  const event = runSucceededEvent({ kind: 'runSucceeded', pipeline, run }, setting, incident);
  expect(event.summary).toBe('hourly load went through · had failed 24 times in 23 h 5 min');
  expect(event).toMatchObject({ action: 'resolve', owner: 'store-data', tier: 1 });
});
