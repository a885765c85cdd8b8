import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { TASK_TIMEOUT } from '../../workflows/backfill/task-timeout.ts';
import { problemsOf } from './intervals.ts';
import type { EndedIntervals, IntervalRun } from './intervals.ts';
import type { Site } from './site.ts';

const HOUR_MS = 3_600_000;
const FROM = Date.parse('2020-01-01T00:00:00Z');
const WIDTH = 20;

/** A backfill that takes so long has come to a halt. */
const LONGEST_MS = 20 * 60_000;

/** When something is ended on the way, as a share of the hours, and what. */
const BREAKS = [
  { after: 0.2, what: 'worker' },
  { after: 0.4, what: 'server' },
  { after: 0.6, what: 'worker' },
  { after: 0.8, what: 'server' },
] as const;

/**
 * A backfill of hours in which nothing happened, while worker (SIGKILL) and Temporal server end and start again twice
 * each.
 *
 * @returns milliseconds an hour, everything included.
 * @throws Error where an hour was missed or loaded twice, or more than twenty were live at a time.
 */
export async function measureBackfill(
  site: Site,
  hours: number,
  onProgress: (line: string) => void,
): Promise<number> {
  const { client, taskQueue, chains } = site;
  const models = chains[0]?.models ?? [];
  const workflowId = `backfill-hourly-${randomUUID().slice(0, 8)}`;
  const [from, to] = [iso(0), iso(hours)];
  const began = performance.now();
  const run = await client.workflow.start('backfill', {
    taskQueue,
    workflowId,
    workflowTaskTimeout: TASK_TIMEOUT,
    args: [{ pipeline: 'hourly', from, to, models, width: WIDTH }],
  });
  const end = new AbortController();
  const broken = breakThings(site, models, hours, end.signal, onProgress);
  broken.catch(() => undefined); // A backfill that failed says why; this would only say that it ended.
  const ended = await resultOf(run).finally(() => end.abort());
  const milliseconds = (performance.now() - began) / hours;
  await broken;
  onProgress(`backfill: ${JSON.stringify(ended).slice(0, 300)}`);
  const wanted = Array.from({ length: hours }, (_, index) => iso(index));
  const problems = problemsOf({
    ...{ wanted, models, width: WIDTH },
    runs: await intervalRuns(site, workflowId, hours),
    ended: await endedIntervals(site, models),
  });
  if (problems.length > 0) throw new Error(`the backfill did not keep its word: ${problems.join('; ')}`);
  return milliseconds;
}

function iso(hour: number): string {
  return new Date(FROM + hour * HOUR_MS).toISOString();
}

/** Waits for the end; a server that is away for a moment is asked again. */
async function resultOf(run: WorkflowHandle): Promise<unknown> {
  for (const until = Date.now() + LONGEST_MS; ;) {
    try {
      return await run.result();
    } catch (error) {
      if (error instanceof Error && error.name === 'WorkflowFailedError')
        throw new Error(`the backfill failed: ${messageOf(error.cause)}`, { cause: error });
      if (Date.now() > until) throw error;
      await delay(500);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function breakThings(
  site: Site,
  models: readonly string[],
  hours: number,
  signal: AbortSignal,
  onProgress: (line: string) => void,
): Promise<void> {
  for (const { after, what } of BREAKS) {
    while ((await countEnded(site, models)) < after * hours * models.length) {
      if (signal.aborted) throw new Error(`the backfill ended before the ${what} could be ended`);
      await delay(200);
    }
    const began = performance.now();
    await (what === 'worker' ? site.replaceWorker() : site.temporal.restart());
    onProgress(`${what} ended and started again in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
}

async function countEnded({ admin }: Site, models: readonly string[]): Promise<number> {
  const { count } = await admin
    .selectFrom('control.load')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('model', 'in', models)
    .where('interval_start', 'is not', null)
    .where('state', 'in', ['empty', 'published'])
    .executeTakeFirstOrThrow();
  return count;
}

async function endedIntervals({ admin }: Site, models: readonly string[]): Promise<EndedIntervals> {
  const rows = await admin
    .selectFrom('control.load')
    .select(['model', 'interval_start'])
    .where('model', 'in', models)
    .where('interval_start', 'is not', null)
    .where('state', 'in', ['empty', 'published'])
    .execute();
  const ended = new Map<string, Map<string, number>>();
  for (const { model, interval_start: start } of rows) {
    const counts = ended.get(model) ?? new Map<string, number>();
    const key = start?.toISOString() ?? '';
    ended.set(model, counts.set(key, (counts.get(key) ?? 0) + 1));
  }
  return ended;
}

/** Every run of the backfill's intervals. The server lists what has ended with a delay. */
async function intervalRuns(
  { client }: Site,
  workflowId: string,
  hours: number,
): Promise<readonly IntervalRun[]> {
  const query = `WorkflowId STARTS_WITH "${workflowId}/"`;
  for (let tries = 0; ; tries += 1) {
    const runs: IntervalRun[] = [];
    for await (const { workflowId: id, status, startTime, closeTime } of client.workflow.list({ query }))
      runs.push({
        workflowId: id,
        status: status.name,
        startedAt: startTime.getTime(),
        endedAt: closeTime?.getTime() ?? null,
      });
    const settled = runs.length >= hours && runs.every(({ endedAt }) => endedAt !== null);
    if (settled || tries === 20) return runs;
    await delay(500);
  }
}
