import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { countText } from '../../workflows/progress.ts';
import { durationText } from '../../workflows/backfill/details.ts';
import type { BackfillReport } from '../../workflows/backfill/report.ts';
import type { Connections } from '../connect.ts';
import { Failure } from '../exit-codes.ts';
import { isWatched } from '../progress.ts';
import { innermost } from '../runs/found-run.ts';

/** How often it is asked where it stands, and how often a pipe is told, milliseconds. */
const EVERY_MS = 1_000;
const PIPE_EVERY_MS = 10_000;

const BAR_WIDTH = 24;

/**
 * Waits for a backfill's end and shows on standard error how it goes: a bar at a terminal, now and then a line in a pipe
 * or where `NO_COLOR` is set.
 *
 * @throws Failure (3) where it is not there, could not begin, was cancelled or terminated. One of which intervals failed is returned.
 */
export async function followBackfill({ client }: Connections, workflowId: string): Promise<BackfillReport> {
  const handle = client.workflow.getHandle(workflowId);
  const over = new AbortController();
  const shown = show(() => handle.query<BackfillReport>('progress'), over.signal);
  try {
    return await handle.result().then(asReport, (error: unknown) => failedReport(error, workflowId));
  } finally {
    over.abort();
    await shown;
  }
}

async function show(ask: () => Promise<BackfillReport>, over: AbortSignal): Promise<void> {
  const bar = isWatched() && (process.env['NO_COLOR'] ?? '') === '';
  let told = { at: Date.now(), line: '' };
  while (!over.aborted) {
    const report = await ask().catch(() => null); // No worker to answer just now: the next time.
    const line = report === null ? '' : progressLine(report, bar);
    if (line !== '' && bar)
      process.stderr.write(`\r\u001B[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    else if (line !== '' && line !== told.line && Date.now() - told.at >= PIPE_EVERY_MS) {
      process.stderr.write(`${line}\n`);
      told = { at: Date.now(), line };
    }
    await delay(EVERY_MS, undefined, { signal: over }).catch(() => undefined);
  }
  if (bar) process.stderr.write('\r\u001B[K');
}

/** One line of where a backfill stands: nothing before it knows what there is to do. */
export function progressLine(report: BackfillReport, withBar: boolean): string {
  const { survey, done, skipped, live, failures, held, paused, paceMs, waiting } = report;
  if (survey === null || survey.range === null) return '';
  const over = done + skipped + failures;
  const all = Math.max(over + live.length + waiting, 1);
  const filled = Math.round((BAR_WIDTH * over) / all);
  const left = paceMs === null || paused !== null ? null : paceMs * (waiting + live.length);
  return [
    `${withBar ? `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ` : ''}${countText(over)} of ${countText(all)}`,
    `${live.length} live`,
    failures > 0 ? `${failures} failed` : '',
    held.length > 0 ? `HELD: ${held.map(({ model }) => model).join(', ')} (weir gate list)` : '',
    paused === null ? '' : `paused by ${paused.by}: ${paused.reason}`,
    left === null || left === 0 ? '' : `about ${durationText(left)} left`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** What a backfill came to, for people. */
export function reportText({
  state,
  survey,
  done,
  skipped,
  failures,
  failed,
  waiting,
  resume,
}: BackfillReport): string {
  if (state === 'nothingMissed') return 'nothing missed: no interval was loaded\n';
  const models = survey?.models.join(', ') ?? '';
  return [
    `${state}: ${countText(done)} interval${done === 1 ? '' : 's'} loaded, ${countText(skipped)} were done before, ${countText(failures)} failed, ${countText(waiting)} not begun · ${models}`,
    ...failed.map(({ start, reason }) => `${start.replace(/:00\.000Z$/, 'Z')}: ${reason}`),
    ...(resume === null ? [] : [`mend what failed, then: ${resume}`]),
    '',
  ].join('\n');
}

/** A backfill of which intervals failed hands its report on with the failure; one that could not begin has none. */
function failedReport(error: unknown, workflowId: string): BackfillReport {
  if (error instanceof WorkflowNotFoundError)
    throw new Failure(
      `there is no backfill ${workflowId}: \`weir runs\` lists those there are, by their whole id`,
    );
  if (!(error instanceof WorkflowFailedError)) throw error;
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.type === 'BackfillFailed')
    return asReport(cause.details?.[0]);
  if (cause instanceof CancelledFailure)
    throw new Failure('the backfill was cancelled, and the intervals that went on with it');
  throw new Failure(innermost(error).message);
}

function asReport(value: unknown): BackfillReport {
  if (isReport(value)) return value;
  throw new Failure('the workflow of that id is no backfill');
}

function isReport(value: unknown): value is BackfillReport {
  return typeof value === 'object' && value !== null && 'survey' in value && 'skipped' in value;
}
