import type { WatchPage } from './books.ts';
import type { EndedRun, Ending } from './ended-runs.ts';
import type { GoodRun } from './good-runs.ts';
import { typeOf } from './subjects.ts';

const RUNBOOK = 'docs/runbooks/run-ended.md';
const REASON_LENGTH = 300;

/**
 * What on-call is told of a run that did not end by itself; a warning where it is well again, which wakes nobody.
 *
 * @param others that ended so beside it
 */
export function endedPage(
  run: EndedRun,
  ending: Ending & { readonly isWell: string | null },
  others: number,
): WatchPage {
  const { subject, workflowId, runId, status, endedAt, type } = run;
  const why = ending.reason?.slice(0, REASON_LENGTH) ?? 'no reason given';
  const how =
    status === 'TIMED_OUT'
      ? 'ran longer than it may and was ended by the server'
      : `was terminated by ${ending.by ?? 'somebody'} (${why})`;
  return {
    ...about(subject),
    occasion: runId,
    severity: ending.isWell === null ? 'error' : 'warning',
    summary: `${nameOf(subject)} ${workflowId} ${how}${others > 0 ? `, and ${others} more of them` : ''}; ${ending.isWell ?? 'it could not say so itself'}`,
    details: {
      what_broke: `${workflowId} ${how}`,
      ...(others > 0 ? { and_more_runs: others } : {}),
      since: endedAt.toISOString(),
      ...(status === 'TIMED_OUT' ? {} : { terminated_by: ending.by ?? 'unknown', reason: why }),
      what_it_means: MEANING[type] ?? MEANING['load'] ?? '',
      what_to_press: whatToPress(type, subject, workflowId),
    },
    run: { workflowId, runId },
  };
}

/** … and of one that went through after it. */
export function endedWellPage(subject: string, runId: string | null, good: GoodRun): WatchPage {
  return {
    ...about(subject),
    occasion: `${runId ?? ''}/${good.runId}`,
    severity: 'error',
    summary: `${nameOf(subject)} went through: ${good.workflowId}`,
    details: { subject },
    run: { workflowId: good.workflowId, runId: good.runId },
  };
}

/** … and of one that nobody has begun again. */
export function forgottenPage(subject: string, runId: string | null): WatchPage {
  return {
    ...about(subject),
    occasion: `${runId ?? ''}/forgotten`,
    severity: 'error',
    summary: `${nameOf(subject)}: nobody has begun it again for a day, so it is taken as ended on purpose`,
    details: { subject },
    run: null,
  };
}

function about(subject: string) {
  return {
    alarm: 'runEnded',
    subject,
    owner: null,
    tier: null,
    runbook: `${RUNBOOK}#${ANCHORS[typeOf(subject)] ?? 'load'}`,
    relation: null,
    because: null,
  } as const;
}

/** Headings of the runbook. */
const ANCHORS: Readonly<Record<string, string>> = {
  backfill: 'backfill',
  incident: 'incident',
  housekeeping: 'housekeeping',
};

const MEANING: Readonly<Record<string, string>> = {
  load: 'What it had published stays. Nothing of the rest is visible to readers, and no watermark moved for it: the next run takes its models over and meets the rest again.',
  backfill:
    'Intervals that had begun go on and publish by themselves; no further one is begun. The schedule goes on.',
  incident:
    'What it had not sent yet was not sent. The next event of the same promise begins it anew; what was queued is lost unless it is reset.',
  freshnessMonitor:
    'Nobody watched until a worker began it anew, a minute or two; what happened meanwhile was found then.',
  housekeeping: 'No load is stopped and no row is lost: what was not tidied up stays until the next run.',
};

function whatToPress(type: string, subject: string, workflowId: string) {
  if (type === 'backfill')
    return [
      {
        when: 'it is to go on',
        press: 'the same weir backfill command again: it skips what is done',
      },
      { when: 'it was ended on purpose', press: 'nothing: this resolves by itself after a day' },
    ];
  if (type === 'freshnessMonitor')
    return [{ when: 'it was meant', press: 'nothing: WEIR_MONITOR=off keeps it away' }];
  if (type === 'incident')
    return [
      {
        when: 'its details show an event that waits or is being sent',
        press: `Temporal UI: ${workflowId}, Reset to its last workflow task: it sends what was queued`,
      },
      { when: 'all was sent', press: 'nothing' },
    ];
  return [
    { when: 'the next scheduled run may take the rows', press: 'nothing: it resolves this by itself' },
    {
      when: 'it cannot wait',
      press: `Temporal UI: Schedules, the ${subject} schedule, Trigger`,
      command: `npm run weir -- ${subject === 'housekeeping' ? subject : `run ${subject}`}`,
    },
  ];
}

const NAMES: Readonly<Record<string, string>> = {
  housekeeping: 'the housekeeping',
  'freshness-monitor': 'the monitor',
  backfill: 'a backfill',
};

function nameOf(subject: string): string {
  if (subject.endsWith('-backfill'))
    return `the backfill of the ${subject.replace(/-backfill$/, '')} pipeline`;
  if (typeOf(subject) === 'incident') return 'an incident’s workflow';
  return NAMES[subject] ?? `the ${subject} load`;
}
