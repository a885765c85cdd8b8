import { plain } from '../plain.ts';
import { latestPoints } from './choose-point.ts';
import type { PlannedReset } from './plan-reset.ts';
import type { ResetPoint } from './points.ts';

/** The reset points of a run, each step once. */
export function pointsText(points: readonly ResetPoint[]): string {
  if (points.length === 0) return 'it has no step to reset to\n';
  const latest = latestPoints(points);
  const widest = Math.max(...latest.map(({ step }) => step.length));
  return latest
    .map(({ step, eventId, at }) => `${step.padEnd(widest)}  event ${String(eventId).padEnd(4)}  ${at}\n`)
    .join('');
}

/** What is done with a run, or why it is left. */
export function plannedText(planned: PlannedReset): string {
  const { workflowId, status, point, left, kept, again } = planned;
  const run = `${plain(workflowId)} (${status.toLowerCase()})`;
  if (point === null) return `left  ${run}: ${plain(left ?? '')}\n`;
  const steps = `${kept} ${kept === 1 ? 'step stands' : 'steps stand'}, ${again} again`;
  return `reset ${run} to ${point.step} (event ${point.eventId}): ${steps}\n`;
}
