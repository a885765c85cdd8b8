import type { Client } from '@temporalio/client';
import { choosePoint } from './choose-point.ts';
import type { FoundRun } from './find-runs.ts';
import { noPipeline } from './no-pipeline.ts';
import { readPoints, type ResetPoint } from './points.ts';

/** What would be done with one run. */
export interface PlannedReset {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
  /** Null where it is left as it is. */
  readonly point: ResetPoint | null;
  /** Why it is left; null where it is not. */
  readonly left: string | null;
  /** Steps of it that stand, and that are done again. */
  readonly kept: number;
  readonly again: number;
}

/** Finds out what a reset of a run would do; it changes nothing. */
export async function planReset(client: Client, run: FoundRun, to: string): Promise<PlannedReset> {
  const { workflowId, runId, status, past } = run;
  const about = { workflowId, runId, status };
  const none = { ...about, point: null, kept: 0, again: 0 };
  const instead = noPipeline(run);
  if (instead !== null) return { ...none, left: instead };
  if (past) return { ...none, left: 'another run of this workflow has taken its place' };
  const points = await readPoints(client, run);
  const chosen = choosePoint(points, to);
  if ('problem' in chosen) return { ...none, left: chosen.problem };
  const { point } = chosen;
  const kept = points.filter(({ eventId }) => eventId < point.eventId).length;
  return { ...about, point, left: null, kept, again: points.length - kept };
}
