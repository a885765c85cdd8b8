import { expect, it } from 'vitest';
import type { AlarmRow } from '../../../activities/sample/alarm-rows.ts';
import { decideAlarm } from '../../../activities/sample/decide-alarm.ts';
import { FRESHNESS_BURN } from '../../../activities/sample/objectives.ts';

const SINCE = new Date('2017-01-30T01:16:00Z');

/** A model at 99 %, with so many bad minutes in five, thirty, sixty and 360. */
function observed([five, thirty, hour, six]: readonly [number, number, number, number]) {
  const counts = [
    { minutes: 5, good: 5 - five, bad: five },
    { minutes: 30, good: 30 - thirty, bad: thirty },
    { minutes: 60, good: 60 - hour, bad: hour },
    { minutes: 360, good: 360 - six, bad: six },
  ];
  const about = { alarm: 'freshness', subject: 'stg_transactions', rules: FRESHNESS_BURN } as const;
  return { ...about, counts, target: 0.99, brokenSince: SINCE };
}

function raised(severity: AlarmRow['severity'], because: string | null = null): AlarmRow {
  const about = { alarm: 'freshness', subject: 'stg_transactions', state: 'raised' } as const;
  return { ...about, alarmId: 1, severity, since: SINCE, because, told: true };
}

const SLOW = observed([1, 4, 7, 24]);
const FAST = observed([5, 5, 12, 30]);

it('what burnt slowly and burns fast now is told as louder, once', () => {
  expect(decideAlarm(FAST, raised('error'), null, () => true)).toMatchObject({
    state: 'raised',
    severity: 'critical',
    since: SINCE,
  });
  expect(decideAlarm(FAST, raised('critical'), null, () => true)).toBeNull();
  expect(decideAlarm(SLOW, raised('critical'), null, () => true)).toBeNull();
});

it('louder or not, it stays with the incident that explains it', () => {
  const held = 'weir/test/stg_transactions/transactions';
  expect(decideAlarm(FAST, raised('error', held), held, () => true)).toMatchObject({ because: held });
  // It has just ended, and what it explained may still mend.
  expect(decideAlarm(FAST, raised('error', held), null, () => true)).toMatchObject({ because: held });
});
