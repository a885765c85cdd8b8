import { workflowInfo } from '@temporalio/workflow';
import type { Walk } from './walk.ts';

/** Whether this run is an interval of a backfill. Nothing else starts a pipeline as its child; a reset keeps the parent. */
export function isOfBackfill(): boolean {
  return workflowInfo().parent !== undefined;
}

/**
 * Whether this run's turn comes after every run of the present, at a gate that it holds too. A slot that is loaded again
 * is a backfill as well, begun on the Schedules page.
 */
export function givesWay({ slotAgain }: Pick<Walk, 'slotAgain'>): boolean {
  return isOfBackfill() || slotAgain !== null;
}
