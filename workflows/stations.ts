import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { summaryOf } from './progress/text.ts';
import { queueName, type Queue } from './queues.ts';

/** Failures that no retry can mend: a person has to change a file, a parameter or the question. */
const FINAL = ['InvalidModel', 'InvalidSuite', 'InvalidInput', 'StaleAttempt', 'WatermarkForeign'];

/** Tried again until the time is up, but for what only a person can mend. */
export const RETRY = {
  initialInterval: '200 milliseconds',
  maximumInterval: '15 seconds',
  nonRetryableErrorTypes: FINAL,
} as const;

/**
 * A cancelled run gives its models back once its stations have stopped, and not while one still writes. Said although the
 * SDK's documentation calls it the default: left out, 1.24 sends nothing, which the core takes for TRY_CANCEL.
 */
const WAIT = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/**
 * The stations of the walk, as the workflow calls them. A worker that dies is noticed after the heartbeat time-out,
 * in a station of a few statements when its time is up; trouble of the infrastructure is retried for two hours (the
 * schedule's own catch-up takes over after that).
 */
const quick = proxyActivities<Activities>({
  startToCloseTimeout: '20 seconds',
  cancellationType: WAIT,
  scheduleToCloseTimeout: '2 hours',
  retry: RETRY,
});

/**
 * What should page is not lost with a Postgres or a page queue that is away for a night: as long as an incident's event is
 * tried to be sent.
 */
const paging = proxyActivities<Activities>({
  startToCloseTimeout: '20 seconds',
  cancellationType: WAIT,
  scheduleToCloseTimeout: '24 hours',
  retry: { ...RETRY, maximumInterval: '30 seconds', nonRetryableErrorTypes: [] },
});

/** A plan takes milliseconds: of one whose worker died nobody should wait for a minute. */
const planning = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '2 hours',
  retry: RETRY,
});

const long = proxyActivities<Activities>({
  startToCloseTimeout: '2 hours',
  scheduleToCloseTimeout: '6 hours',
  heartbeatTimeout: '10 seconds',
  cancellationType: WAIT,
  retry: RETRY,
});

/** An open takes milliseconds too, and others wait for the model that it has leased. */
const opening = proxyActivities<Activities>({
  startToCloseTimeout: '2 hours',
  scheduleToCloseTimeout: '6 hours',
  heartbeatTimeout: '5 seconds',
  cancellationType: WAIT,
  retry: RETRY,
});

/** A look that finds nothing new fails and is tried again, until its hold ends: nobody waits for the last one. */
const looking = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '15 seconds', maximumInterval: '1 minute' },
});

/**
 * What the monitor does every round. On the installation's own queue, which a process that runs the monitor serves
 * anyway, and tried once: the next round is the retry.
 */
const watching = proxyActivities<Activities>({
  startToCloseTimeout: '45 seconds',
  scheduleToCloseTimeout: '1 minute',
  retry: { maximumAttempts: 1 },
});

/** The round does not wait for a queue that nobody serves: that nobody hears of it then is what it is for. */
const calling = proxyActivities<Activities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '20 seconds',
  retry: { maximumAttempts: 1 },
});

/** What a station of a name is asked with. */
export type Input<Name extends keyof Activities> = Parameters<Activities[Name]>[0];
/** … and what it answers. */
export type Result<Name extends keyof Activities> = Promise<Awaited<ReturnType<Activities[Name]>>>;

/**
 * What a call of an activity is given: the summary that the Temporal UI shows in the run's time line, and the queue of
 * its kind beside the one that the run itself is on.
 */
export function at(
  queue: Exclude<Queue, 'workflows'>,
  summary: string,
): { readonly summary: string; readonly taskQueue: string } {
  return { summary: summaryOf(summary), taskQueue: queueName(workflowInfo().taskQueue, queue) };
}

/** One call of each station. */
export const stations = {
  plan: (input: Input<'plan'>, summary: string): Result<'plan'> =>
    planning.plan.executeWithOptions(at('load', summary), [input]),
  preview: (input: Input<'preview'>, summary: string): Result<'preview'> =>
    long.preview.executeWithOptions(at('load', summary), [input]),
  extract: (input: Input<'extract'>, summary: string): Result<'extract'> =>
    long.extract.executeWithOptions(at('load', summary), [input]),
  open: (input: Input<'open'>, summary: string): Result<'open'> =>
    opening.open.executeWithOptions(
      // An interval of a backfill waits for a held model as long as people take; a slot that is loaded again, behind all others.
      { ...at('load', summary), ...(input.yields === true ? { scheduleToCloseTimeout: '7 days' } : {}) },
      [input],
    ),
  gate: (input: Input<'gate'>, summary: string): Result<'gate'> =>
    long.gate.executeWithOptions(at('gate', summary), [input]),
  stage: (input: Input<'stage'>, summary: string): Result<'stage'> =>
    long.stage.executeWithOptions(at('load', summary), [input]),
  publish: (input: Input<'publish'>, summary: string): Result<'publish'> =>
    long.publish.executeWithOptions(at('load', summary), [input]),
  quarantine: (input: Input<'quarantine'>, summary: string): Result<'quarantine'> =>
    long.quarantine.executeWithOptions(at('load', summary), [input]),
  hold: (input: Input<'hold'>, summary: string): Result<'hold'> =>
    quick.hold.executeWithOptions(at('load', summary), [input]),
  release: (input: Input<'release'>, summary: string): Result<'release'> =>
    quick.release.executeWithOptions(at('load', summary), [input]),
  look: (input: Input<'look'>, summary: string, forMs: number): Result<'look'> =>
    looking.look.executeWithOptions({ ...at('load', summary), scheduleToCloseTimeout: forMs }, [input]),
  decide: (input: Input<'decide'>, summary: string): Result<'decide'> =>
    quick.decide.executeWithOptions(at('load', summary), [input]),
  page: (input: Input<'page'>, summary: string): Result<'page'> =>
    paging.page.executeWithOptions(at('page', summary), [input]),
  sample: (input: Input<'sample'>, summary: string): Result<'sample'> =>
    watching.sample.executeWithOptions({ summary: summaryOf(summary) }, [input]),
  watch: (input: Input<'watch'>, summary: string): Result<'watch'> =>
    watching.watch.executeWithOptions({ summary: summaryOf(summary) }, [input]),
  callHeartbeat: (summary: string): Result<'callHeartbeat'> =>
    calling.callHeartbeat.executeWithOptions(at('page', summary), []),
};
