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
    await pageBackfill(state, request, `${shortTime(failure.start)}: ${failure.reason}`);
}

/** Tells on-call what failed of a backfill, once a backfill. */
export async function pageBackfill(
  state: BackfillState,
  request: BackfillRequest,
  failure: string,
): Promise<void> {
  if (state.paged === true) return;
  state.paged = true;
  await stations.page(
    { kind: 'runFailed', ...about(request), failure },
    `PAGE a backfill of the ${request.pipeline} pipeline failed`,
  );
}

/** Resolves the incident of an earlier backfill that failed, where one was open when this began. */
export async function resolveBackfill({ survey }: BackfillState, request: BackfillRequest): Promise<void> {
  if (survey?.incidentOpen !== true) return;
  await stations.page(
    { kind: 'runSucceeded', ...about(request) },
    `resolve the incident of a failed backfill of the ${request.pipeline} pipeline`,
  );
}

/** An incident of its own: what a backfill comes to says nothing of the schedule's runs. */
function about({ pipeline }: BackfillRequest) {
  const { workflowId, runId } = workflowInfo();
  return { pipeline: `${pipeline}-backfill`, run: { workflowId, runId } };
}
