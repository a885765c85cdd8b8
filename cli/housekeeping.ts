import { randomUUID } from 'node:crypto';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { defineCommand } from 'citty';
import { nearMiss } from '../expectations/suggestion.ts';
import type { HousekeepingReport } from '../workflows/housekeeping.ts';
import { CHORES, type HousekeepingInput } from '../workflows/housekeeping-input.ts';
import { outcomeLines } from '../workflows/housekeeping-details.ts';
import { answer } from './answer.ts';
import { withConnections } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { withProgress } from './progress.ts';
import { linkTo } from './runs/link.ts';

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
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const input: HousekeepingInput = {
      ...(args['dry-run'] ? { dryRun: true } : {}),
      ...(args.chores === undefined ? {} : { chores: readChores(args.chores) }),
    };
    return await withConnections(async ({ client, namespace, settings }) => {
      const handle = await client.workflow.start('housekeeping', {
        args: [input],
        taskQueue: settings.taskQueue,
        workflowId: `housekeeping-by-hand-${randomUUID().slice(0, 8)}`,
      });
      const link = linkTo(settings, namespace)(handle.workflowId);
      process.stderr.write(`started ${handle.workflowId}\n${link}\n`);
      const report: HousekeepingReport = await withProgress('housekeeping', () =>
        handle.result().catch(reportOfFailure),
      );
      answer(args.json, report, () => reportText(report));
      return exitCodeOf(report);
    });
  }),
});

/** @throws Failure (3) for what is no chore: refused here rather than by a run that has begun, which would page. */
function readChores(text: string): readonly string[] {
  const asked = text.split(',').map((name) => name.trim());
  const known = Object.keys(CHORES);
  const other = asked.find((name) => !known.includes(name));
  if (other === undefined) return asked;
  const meant = nearMiss(other, known);
  throw new Failure(
    [`there is no chore ${other}.`, meant, `There are ${known.join(', ')}.`].filter(Boolean).join(' '),
  );
}

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
