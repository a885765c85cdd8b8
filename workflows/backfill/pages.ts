import { workflowInfo } from '@temporalio/workflow';
import { shortTime } from './report.ts';
import type { BackfillRequest } from './input.ts';
import type { BackfillState } from './state.ts';
import { stations } from '../stations.ts';

/**
 * Tells on-call of the first interval that failed for another reason than a gate or a person, as soon as that is known:
 * what goes on beside it may take hours. Intervals do not page themselves.
 */
export async function pageFailedInterval(state: BackfillState, request: BackfillRequest): Promise<void> {
  const failure = state.failed.find(({ gate, byHand }) => !gate && byHand !== true);
  if (failure !== undefined)
    await pageBackfill(state, request, `${shortTime(failure.start)}: ${failure.reason}`, failure.start);
}

/** Tells on-call what failed of a backfill, once a backfill. @param from the interval that failed; left out: all of it. */
export async function pageBackfill(
  state: BackfillState,
  request: BackfillRequest,
  failure: string,
  from?: string,
): Promise<void> {
  if (state.paged === true) return;
  state.paged = true;
  await stations.page(
    { kind: 'runFailed', ...about(state, request, from), failure },
    `PAGE a backfill of the ${request.pipeline} pipeline failed`,
  );
}

/** Resolves the incidents of earlier backfills that failed within this one's range, where one was open when this began. */
export async function resolveBackfill(state: BackfillState, request: BackfillRequest): Promise<void> {
  if (state.survey?.incidentOpen !== true) return;
  await stations.page(
    { kind: 'runSucceeded', ...about(state, request) },
    `resolve the incident of a failed backfill of the ${request.pipeline} pipeline`,
  );
}

/** An incident of its own: what a backfill comes to says nothing of the schedule's runs, nor of other ranges. */
function about({ survey }: BackfillState, { pipeline, models }: BackfillRequest, from?: string) {
  const { workflowId, runId } = workflowInfo();
  const range = survey?.range ?? null;
  const scope = range === null ? null : { start: from ?? range.from, end: range.to, models };
  return {
    pipeline: `${pipeline}-backfill`,
    run: { workflowId, runId },
    ...(scope === null ? {} : { scope }),
  };
}
