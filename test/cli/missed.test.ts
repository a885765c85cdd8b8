import { expect, it } from 'vitest';
import type { NamedSlot } from '../../activities/missed-slots.ts';
import { missedLines, rangesOf } from '../../cli/schedules/missed.ts';
import { namedSlots } from '../../workers/schedules/named-times.ts';
import type { WeirSchedule } from '../../workers/schedules/schedule.ts';

const HOURLY: WeirSchedule = {
  scheduleId: 'hourly-incremental-load',
  workflowType: 'hourlyIncrementalLoad',
  minute: 5,
  note: '',
};
const DAILY: WeirSchedule = {
  scheduleId: 'daily',
  workflowType: 'dailyDimensionRefresh',
  hour: 2,
  minute: 30,
  timeZone: 'America/New_York',
  note: '',
};

const slots = (schedule: WeirSchedule, from: string, to: string): readonly NamedSlot[] =>
  namedSlots(schedule, new Date(from), new Date(to));

it('slots side by side are one range, with the times that a schedule names', () => {
  const morning = slots(HOURLY, '2017-01-02T05:30:00Z', '2017-01-02T08:30:00Z');
  const [noon] = slots(HOURLY, '2017-01-02T12:00:00Z', '2017-01-02T13:00:00Z');
  expect(noon?.workflowId).toBe('hourly-incremental-load-2017-01-02T12:05:00Z');
  expect(rangesOf([...morning, ...(noon ? [noon] : [])])).toEqual([
    {
      from: '2017-01-02T05:00:00.000Z',
      to: '2017-01-02T08:00:00.000Z',
      slots: 3,
      firstScheduledAt: '2017-01-02T06:05:00Z',
      lastScheduledAt: '2017-01-02T08:05:00Z',
    },
    {
      from: '2017-01-02T11:00:00.000Z',
      to: '2017-01-02T12:00:00.000Z',
      slots: 1,
      firstScheduledAt: '2017-01-02T12:05:00Z',
      lastScheduledAt: '2017-01-02T12:05:00Z',
    },
  ]);
});

it('local days are offered on the Schedules page alone, with the jitter added to the end', () => {
  const days = slots(DAILY, '2026-03-07T12:00:00Z', '2026-03-09T12:00:00Z');
  const missed = { slots: days.length, ranges: rangesOf(days), cameWith: null };
  expect(missedLines(missed, { ...DAILY, jitterMs: 600_000 })).toEqual([
    'missed 2 slots; the rows that arrived meanwhile come with the next run.',
    'To run each as itself:',
    '  on the Schedules page: Backfill, Allow All, from 2026-03-08T07:30:00Z to 2026-03-09T06:40:00Z',
  ]);
  expect(missedLines({ slots: 0, ranges: [], cameWith: null }, DAILY)).toEqual([]);
});
