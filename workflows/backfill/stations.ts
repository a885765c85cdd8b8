import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { at, RETRY, type Input, type Result } from '../stations.ts';

const looking = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '2 hours',
  retry: RETRY,
});

/** For as long as an interval goes on, which a hold may make days: the server asks again, nobody's place is taken. */
const waiting = proxyActivities<Activities>({ startToCloseTimeout: '20 seconds', retry: RETRY });

/** What a backfill asks of the world, with the summary that the Temporal UI shows. */
export const backfillStations = {
  survey: (input: Input<'surveyBackfill'>, summary: string): Result<'surveyBackfill'> =>
    looking.surveyBackfill.executeWithOptions(at('load', summary), [input]),
  next: (input: Input<'nextIntervals'>, summary: string): Result<'nextIntervals'> =>
    looking.nextIntervals.executeWithOptions(at('load', summary), [input]),
  awaitInterval: (input: Input<'awaitInterval'>, summary: string): Result<'awaitInterval'> =>
    waiting.awaitInterval.executeWithOptions(at('load', summary), [input]),
  lookForHeld: (input: Input<'lookForHeld'>, summary: string): Result<'lookForHeld'> =>
    looking.lookForHeld.executeWithOptions(at('load', summary), [input]),
};
