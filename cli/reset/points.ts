import type { Client } from '@temporalio/client';
import { decodeOptionalSinglePayload } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { temporal } from '@temporalio/proto';
import { stepName } from '../../workflows/step-name.ts';
import type { RunRef } from '../../activities/run-ref.ts';

/** Where a run can be reset to, so that it does a step and all that follows again. */
export interface ResetPoint {
  /** The beginning of its summary: `gate stg_transactions · input`. */
  readonly step: string;
  /** The whole summary, as the time line shows it. */
  readonly summary: string;
  /** The workflow task that scheduled it: what a reset is told. */
  readonly eventId: number;
  /** ISO 8601, UTC. */
  readonly at: string;
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** The reset points of a run in the order of its history; a step that was done twice has two. */
export async function readPoints(client: Client, { workflowId, runId }: RunRef): Promise<ResetPoint[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const points: ResetPoint[] = [];
  for (const event of events ?? []) {
    const point = await pointOf(client, event);
    if (point !== null) points.push(point);
  }
  return points;
}

async function pointOf(client: Client, event: HistoryEvent): Promise<ResetPoint | null> {
  const scheduled = event.activityTaskScheduledEventAttributes;
  if (!scheduled) return null;
  const { loadedDataConverter } = client.options;
  const summary = await decodeOptionalSinglePayload(loadedDataConverter, event.userMetadata?.summary);
  const step = typeof summary === 'string' ? stepName(summary) : null;
  if (typeof summary !== 'string' || step === null) return null;
  return {
    step,
    summary,
    eventId: Number(scheduled.workflowTaskCompletedEventId),
    at: new Date(Number(event.eventTime?.seconds ?? 0) * 1000).toISOString(),
  };
}
