/**
 * How long a worker may take over a workflow task of a backfill or of one of its intervals, before another one is given
 * it. They take milliseconds; at Temporal's usual 10 s a worker that is killed in the middle of one leaves every place
 * of the backfill waiting for so long.
 */
export const TASK_TIMEOUT = '5 seconds';
