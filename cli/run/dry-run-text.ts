import type { DryRun } from '../../workflows/dry-run.ts';

/** What a run would have done, a line a model. */
export function dryRunText({ sources, models, left }: DryRun): string {
  const lines = models.map(({ model, reads, rows, exact, text, gates, heldBy }) => {
    const kind = rows === 0 && exact ? `${reads}, empty` : reads;
    const asked = Object.entries(gates).map(([gate, suite]) => `${gate} gate ${suite}`);
    const held = heldBy === null ? [] : [`HELD by ${heldBy.workflowId} since ${heldBy.since}: left`];
    return `${model}: ${[kind, text, ...asked, ...held].join(' · ')}`;
  });
  return [
    `would extract: ${sources.length === 0 ? 'nothing' : sources.join(', ')}`,
    ...lines,
    ...Object.entries(left).map(([model, why]) => `${model}: as it stands · ${why}`),
    'nothing was done\n',
  ].join('\n');
}
