import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/** Failures that no retry can mend: a person has to change a file, a parameter or the question. */
const FINAL = ['InvalidModel', 'InvalidSuite', 'InvalidInput', 'StaleAttempt', 'WatermarkForeign'];

const RETRY = {
  initialInterval: '200 milliseconds',
  maximumInterval: '15 seconds',
  nonRetryableErrorTypes: FINAL,
} as const;

/**
 * The stations of the walk, as the workflow calls them. A worker that dies is noticed after the heartbeat time-out,
 * in a station of a few statements when its time is up; trouble of the infrastructure is retried for two hours (the
 * schedule's own catch-up takes over after that).
 */
const quick = proxyActivities<Activities>({
  startToCloseTimeout: '20 seconds',
  scheduleToCloseTimeout: '2 hours',
  retry: RETRY,
});

const planning = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '2 hours',
  retry: RETRY,
});

const long = proxyActivities<Activities>({
  startToCloseTimeout: '2 hours',
  scheduleToCloseTimeout: '6 hours',
  heartbeatTimeout: '10 seconds',
  retry: RETRY,
});

type Input<Name extends keyof Activities> = Parameters<Activities[Name]>[0];
type Result<Name extends keyof Activities> = Promise<Awaited<ReturnType<Activities[Name]>>>;

/** One call of each station, with the summary that the Temporal UI shows in the run's time line. */
export const stations = {
  plan: (input: Input<'plan'>, summary: string): Result<'plan'> =>
    planning.plan.executeWithOptions({ summary }, [input]),
  extract: (input: Input<'extract'>, summary: string): Result<'extract'> =>
    long.extract.executeWithOptions({ summary }, [input]),
  open: (input: Input<'open'>, summary: string): Result<'open'> =>
    long.open.executeWithOptions({ summary }, [input]),
  gate: (input: Input<'gate'>, summary: string): Result<'gate'> =>
    long.gate.executeWithOptions({ summary }, [input]),
  stage: (input: Input<'stage'>, summary: string): Result<'stage'> =>
    long.stage.executeWithOptions({ summary }, [input]),
  publish: (input: Input<'publish'>, summary: string): Result<'publish'> =>
    long.publish.executeWithOptions({ summary }, [input]),
  quarantine: (input: Input<'quarantine'>, summary: string): Result<'quarantine'> =>
    long.quarantine.executeWithOptions({ summary }, [input]),
  hold: (input: Input<'hold'>, summary: string): Result<'hold'> =>
    quick.hold.executeWithOptions({ summary }, [input]),
  release: (input: Input<'release'>, summary: string): Result<'release'> =>
    quick.release.executeWithOptions({ summary }, [input]),
  decide: (input: Input<'decide'>, summary: string): Result<'decide'> =>
    quick.decide.executeWithOptions({ summary }, [input]),
  page: (input: Input<'page'>, summary: string): Result<'page'> =>
    quick.page.executeWithOptions({ summary }, [input]),
};
