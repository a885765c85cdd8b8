import { workflowInfo } from '@temporalio/workflow';

/** Whether this run is an interval of a backfill. Nothing else starts a pipeline as its child; a reset keeps the parent. */
export function isOfBackfill(): boolean {
  return workflowInfo().parent !== undefined;
}
