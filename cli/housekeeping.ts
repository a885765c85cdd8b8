import { randomUUID } from 'node:crypto';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { defineCommand } from 'citty';
import type { HousekeepingReport } from '../workflows/housekeeping.ts';
import { outcomeLines } from '../workflows/housekeeping-details.ts';
import { answer } from './answer.ts';
import { withConnections } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';

/**
 * `weir housekeeping`: does now what the schedule does every day, and prints what came of it.
 * @example npm run weir -- housekeeping --dry-run
 */
export default defineCommand({
  meta: {
    name: 'housekeeping',
    description:
      'Make the next partitions, take what was kept for long enough, report what is in the way. Example: weir housekeeping --dry-run Exit codes: 0 done, 2 done and something is to be looked at, 3 a chore failed.',
  },
  args: {
    'dry-run': { type: 'boolean', description: 'look and tell, and change nothing' },
    chores: { type: 'string', description: 'only these, separated by commas: retention,candidates' },
    json: { type: 'boolean', description: 'print the report as JSON' },
  },
  run: exitsWith(
    async ({ args }): Promise<ExitCode> =>
      await withConnections(async ({ client, namespace, settings }) => {
        const handle = await client.workflow.start('housekeeping', {
          args: [
            {
              ...(args['dry-run'] ? { dryRun: true } : {}),
              ...(args.chores === undefined
                ? {}
                : { chores: args.chores.split(',').map((name) => name.trim()) }),
            },
          ],
          taskQueue: settings.taskQueue,
          workflowId: `housekeeping-by-hand-${randomUUID().slice(0, 8)}`,
        });
        const link = `${settings.temporalUiUrl}/namespaces/${namespace}/workflows/${handle.workflowId}`;
        process.stderr.write(`started ${handle.workflowId}\n${link}\n`);
        const report: HousekeepingReport = await handle.result().catch(reportOfFailure);
        answer(args.json, report, () => reportText(report));
        return exitCodeOf(report);
      }),
  ),
});

/** A housekeeping that failed hands its report on with the failure; one that could not begin has none. */
function reportOfFailure(error: unknown): HousekeepingReport {
  const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) throw error;
  const [report] = cause.details ?? [];
  if (isReport(report)) return report;
  throw new Failure(cause.message);
}

function isReport(value: unknown): value is HousekeepingReport {
  return typeof value === 'object' && value !== null && 'chores' in value && 'dryRun' in value;
}

function reportText({ dryRun, chores }: HousekeepingReport): string {
  const lines = Object.entries(chores).flatMap(([chore, outcome]) =>
    outcomeLines(outcome).map(({ mark, text }) => `${chore}: ${markText(mark)}${text}`),
  );
  return `${[...(dryRun ? ['nothing was changed; a housekeeping now:'] : []), ...lines].join('\n')}\n`;
}

/** What was done stands for itself; the rest says what it is. */
function markText(mark: string): string {
  return mark === 'done' ? '' : `${mark.replaceAll('*', '').toUpperCase()} · `;
}

function exitCodeOf({ chores }: HousekeepingReport): ExitCode {
  const outcomes = Object.values(chores);
  if (outcomes.some(({ state }) => state === 'failed')) return exitCodes.couldNotRun;
  return outcomes.some(({ warnings = [] }) => warnings.length > 0) ? exitCodes.warned : exitCodes.done;
}
