import { workflowInfo } from '@temporalio/workflow';
import { stepName } from './step-name.ts';
import type { Walk } from './walk.ts';

/**
 * Notes where a step of the run begins, so that its details name the event to reset to: the workflow task that is being
 * worked on schedules it, and the event after its start completes it.
 *
 * @param of the model or source that it is about; the pipeline of the run's own steps.
 * @returns the summary, as it came.
 */
export function step(walk: Walk, of: string, summary: string): string {
  const name = stepName(summary);
  if (name === null) return summary;
  const label = name.replace(` ${of}`, '').replace(' · ', ' ');
  const points = walk.progress.points.get(of) ?? new Map<string, number>();
  points.set(label, workflowInfo().historyLength + 1);
  walk.progress.points.set(of, points);
  return summary;
}
