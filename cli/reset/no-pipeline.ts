import { WORKFLOW_OF } from '../../models/grain.ts';

const PIPELINES: readonly string[] = Object.values(WORKFLOW_OF);

/** What to do with a workflow that does not load by steps, by its type. */
const INSTEAD: Readonly<Record<string, (workflowId: string) => string>> = {
  backfill: (workflowId) =>
    `it is a backfill, whose intervals are runs of their own. To go on where it has stopped, begin it again: \`weir runs show ${workflowId}\` has the command, and what is done is skipped. To do steps of one interval again: \`weir reset ${workflowId}/2017-01-02T08:00Z\``,
  incident: (workflowId) =>
    `it is an incident, which has no steps. It is resolved when what it tells of is good again; one that nothing else will close: \`weir page resolve ${workflowId.replace(/^incident\//, '')} --reason "…"\``,
  freshnessMonitor: () =>
    'it is the monitor, which looks anew every minute. To begin it anew, terminate it: workers start it again by themselves; `weir doctor` says whether it goes on',
  housekeeping: () => 'it is housekeeping, which does everything anew each time: `weir housekeeping`',
};

/** Why a workflow cannot be reset to a step, and what to do instead; null of a pipeline's run, which can. */
export function noPipeline({
  workflowId,
  workflowType,
}: {
  readonly workflowId: string;
  readonly workflowType: string;
}): string | null {
  if (PIPELINES.includes(workflowType)) return null;
  const instead = Object.hasOwn(INSTEAD, workflowType) ? INSTEAD[workflowType] : undefined;
  return (
    instead?.(workflowId) ??
    `it is a ${workflowType}, no run of a pipeline (${PIPELINES.join(', ')}), and its steps are not known here: reset it in the Temporal UI`
  );
}
