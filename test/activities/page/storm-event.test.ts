import { expect, test } from 'vitest';
import type { Incident, Member } from '../../../activities/page/incident-row.ts';
import { standing, stormOver } from '../../../activities/page/storm-event.ts';
import { pageEvent } from '../notifiers/page-event.ts';

const since = new Date('2017-01-02T11:00:00Z');

function head(changes: Partial<Incident> = {}): Incident {
  const told = pageEvent({
    summary: 'stg_one held: 1 of 8 promises broken',
    details: { what_to_press: 'x' },
  });
  return {
    ...{ dedup_key: 'k1', state: 'open', kind: 'gateHeld', model: 'stg_one', suite: 's', opening: 1 },
    ...{ verdict_id: 'v1', workflow_id: 'w', run_id: 'r', pipeline: 'hourly', failures: 3, scope: null },
    ...{ opened_at: since, first_failed_at: since, last_failed_at: since, resolved_at: null, good_at: null },
    ...{
      last_verdict_id: 'v1',
      last_workflow_id: 'w',
      last_run_id: 'r',
      severity: 'critical',
      owner: 'store-data',
    },
    ...{
      tier: 1,
      relation: 'stg_one',
      reads: ['raw'],
      member_of: null,
      shares: null,
      summary: told.summary,
      told,
    },
    ...changes,
  };
}

function member(relation: string, changes: Partial<Member> = {}): Member {
  return {
    ...{ dedup_key: `k of ${relation}`, state: 'open', kind: 'gateHeld', relation, shares: 'raw' },
    ...{ severity: 'critical', owner: 'inventory', failures: 1, first_failed_at: since, resolved_at: null },
    ...{ last_verdict_id: 'v2', summary: `${relation} held`, run: 'http://ui/run' },
    ...changes,
  };
}

const happened = { eventId: 'e', what: 'also stg_two held', severity: 'critical', ofMember: true } as const;

test('an incident alone says what it said, and how often it failed', () => {
  const event = standing(head(), [], { ...happened, what: null, ofMember: false }, 'trigger');
  expect(event).toMatchObject({
    ...{ action: 'trigger', eventId: 'e/1', summary: 'stg_one held: 1 of 8 promises broken' },
    details: { what_to_press: 'x', failed_so_far: '3 times since 2017-01-02T11:00:00.000Z' },
  });
  expect(event.details).not.toHaveProperty('storm');
});

test('a storm begins with what its members share, and says how each of them is', () => {
  const good = member('stg_three', { state: 'resolved', resolved_at: since });
  const event = standing(head(), [member('stg_two'), good], happened, 'update');
  expect(event.summary).toBe(
    'STORM below raw: 2 of 3 promises broken · also stg_two held · stg_one held: 1 of 8 promises broken',
  );
  expect(event.details['storm']).toMatchObject({
    ...{ shared: ['raw'], still_broken: 2, of: 3, members_good_again: 'stg_three' },
    members_broken: ['stg_two (inventory): broken once since 2017-01-02T11:00:00.000Z · held, verdict v2'],
    their_runs: ['http://ui/run'],
  });
  expect(event.dedupKey).toBe(head().told?.dedupKey);
});

test('one whose own promise is good again says so, and shows nothing to press for it', () => {
  const event = standing(
    head({ good_at: since }),
    [member('stg_two')],
    { ...happened, ofMember: false },
    'update',
  );
  expect(event.summary).toContain('stg_one is good again; others are not');
  expect(event.summary).toContain('STORM below raw: 1 of 2 promises broken');
  expect(event.details).not.toHaveProperty('what_to_press');
});

test('of a hundred members forty are named, however long their summaries are, within the limit', () => {
  const members = Array.from({ length: 100 }, (_, index) =>
    member(`stg_${index}`, { run: `http://ui/${index % 9}` }),
  );
  const { summary, details } = standing(head(), members, { ...happened, what: 'x'.repeat(3_000) }, 'update');
  expect(summary.length).toBeLessThanOrEqual(1_024);
  expect(details['storm']).toMatchObject({ and: '60 more', more_runs: '4 more', still_broken: 101 });
});

test('the end of a storm goes to its incident, with its owner and tier', () => {
  const last = pageEvent({
    action: 'resolve',
    dedupKey: 'k of stg_two',
    summary: 'stg_two passed',
    owner: 'inventory',
  });
  const told = pageEvent({ owner: 'store-data', tier: 1, class: 'gate held' });
  expect(stormOver(head({ told }), [member('stg_two', { state: 'resolved' })], last)).toMatchObject({
    ...{ dedupKey: 'k1', owner: 'store-data', tier: 1, class: 'gate held' },
    summary: 'all 2 promises that broke with stg_one hold again; the last: stg_two passed',
    details: { failed_so_far: expect.stringMatching(/^3 times since 2017-01-02/) },
  });
});
