import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/**
 * Tells an activity which run it works for. What is under way when a run is reset is scheduled again with the input of the
 * run before, in which that one's id stands: the ledger and the leases would take the run that goes on for a stale attempt of
 * the one that is past.
 */
export const ownRun: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: (input, next) =>
      next({ ...input, args: input.args.map((arg) => ofRun(arg, info.workflowExecution)) }),
  },
});

function ofRun(
  arg: unknown,
  own: { readonly workflowId: string; readonly runId: string } | undefined,
): unknown {
  if (own === undefined || typeof arg !== 'object' || arg === null || !('run' in arg)) return arg;
  const { run } = arg;
  if (typeof run !== 'object' || run === null || !('workflowId' in run)) return arg;
  return run.workflowId === own.workflowId ? { ...arg, run: { ...run, runId: own.runId } } : arg;
}
