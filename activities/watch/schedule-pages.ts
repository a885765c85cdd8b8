import type { WatchPage } from './books.ts';
import type { ScheduleSight } from './missed-schedules.ts';

/** What a person can paste as it is. */
const WEIR = 'npm run weir -- schedules';
const RUNBOOK = 'docs/runbooks/schedule-missed.md';

/** What on-call is told of a schedule that did not run. */
export function missedPage(sight: ScheduleSight, problem: string): WatchPage {
  const { scheduleId, isThere, lastDue, missedCatchUp, skippedOverlap, paused } = sight;
  return {
    ...about(scheduleId, isThere ? 'no-run' : 'missing'),
    severity: 'error',
    occasion: '',
    summary: `the schedule ${scheduleId} did not run: ${problem}`,
    details: {
      what_broke: problem,
      ...(lastDue === null ? {} : { last_due: lastDue }),
      ...(missedCatchUp > 0 ? { left_out_after_an_outage: missedCatchUp } : {}),
      ...(skippedOverlap > 0 ? { left_out_because_another_run_went_on: skippedOverlap } : {}),
      what_it_means:
        'Nothing is loaded by it until it runs. No row is lost: the next run reads what has arrived since the last one.',
      what_to_press: pressOf(scheduleId, { isThere, paused }),
    },
    run: null,
  };
}

/** … and that there is nothing to tell of it any more. */
export function runsAgainPage({ scheduleId }: Pick<ScheduleSight, 'scheduleId'>, why: string): WatchPage {
  return {
    ...about(scheduleId, 'no-run'),
    severity: 'error',
    occasion: 'again',
    summary: `the schedule ${scheduleId} ${why}`,
    details: { schedule: scheduleId },
    run: null,
  };
}

function about(scheduleId: string, anchor: string) {
  return {
    alarm: 'scheduleMissed',
    subject: scheduleId,
    owner: null,
    tier: null,
    runbook: `${RUNBOOK}#${anchor}`,
    relation: null,
    because: null,
  } as const;
}

function pressOf(scheduleId: string, { isThere, paused }: Pick<ScheduleSight, 'isThere' | 'paused'>) {
  if (!isThere) return [{ when: 'it should be there', press: 'make it again', command: `${WEIR} apply` }];
  if (paused !== null)
    return [
      { when: 'why it was paused is mended', press: 'unpause it', command: `${WEIR} unpause ${scheduleId}` },
    ];
  return [
    { when: 'somebody changed it', press: 'look at what diff prints, then apply', command: `${WEIR} diff` },
    { when: 'it cannot wait', press: 'start a run', command: `${WEIR} trigger ${scheduleId}` },
    { when: 'the server starts nothing at all', press: 'look at Temporal’s own scheduler and its log' },
  ];
}
