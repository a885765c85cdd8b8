import type { Payload, ProtoFailure } from '@temporalio/common';
import { counted } from '../housekeeping/chore.ts';
import { alarmDedupKey } from '../page/dedup-key.ts';
import { clearAlarm, confirmAlarm, openAlarms } from './books.ts';
import { attributeOf, isNotFound } from './ended-runs.ts';
import { each, quoted, type LookDeps } from './look.ts';
import { failingPage, goesOnPage } from './task-pages.ts';
import { subjectOf } from './subjects.ts';

/** A run whose workflow task keeps failing. */
export interface FailingRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly subject: string;
  readonly attempt: number;
}

/** One failure may be a worker that was killed; the server tries again at once, then after 10 s. */
const FAILING_FROM_ATTEMPT = 3;

/** Open runs that one round asks after: a fraction of a second, and thousands are gone through in some rounds. */
const RUNS_AT_ONCE = 200;

/** Runs of one alarm that are kept in mind. */
const KEPT = 50;

const MARK = 'openRuns';

interface OpenRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly subject: string;
}

/**
 * Tells of workflows whose tasks keep failing: they stay Running, and nobody hears of them. By pipeline, since one bad
 * version of the code stops every run of it; visibility knows nothing of it, so open runs are asked one by one.
 */
export async function lookForFailingTasks(deps: LookDeps): Promise<readonly string[]> {
  const { db } = deps;
  const alarms = (await openAlarms(db, 'tasksFailing')).filter(({ subject }) => !isQueue(deps, subject));
  const known = alarms.flatMap(({ subject, runs }) => readRuns(runs).map((run) => ({ ...run, subject })));
  const { runs, more } = await nextOpenRuns(deps);
  const asked = new Map([...known, ...runs].map((run) => [run.runId, run]));
  const looked = await each([...asked.values()], (run) => lookAt(deps, run));
  const failing = looked.flatMap((run) => run ?? []);
  const bySubject = new Map<string, FailingRun[]>();
  for (const run of failing) bySubject.set(run.subject, [...(bySubject.get(run.subject) ?? []), run]);
  const first = firstOf([...bySubject.keys()], alarms);
  for (const [subject, these] of bySubject) await tell(deps, these, becauseOf(deps, subject, first));
  for (const { subject } of alarms) if (!bySubject.has(subject)) await clearAlarm(db, goesOnPage(subject));
  return [
    `${counted(runs.length, 'open run')}${more ? ' of more' : ''} looked at, ${failing.length} with tasks that keep failing`,
    ...failing
      .slice(0, KEPT)
      .map(({ workflowId, attempt }) => `${workflowId}: its workflow task is at attempt ${attempt}`),
  ];
}

/** What `lookForUnpolledQueues` tells of under the same alarm. */
export function isQueue({ taskQueue }: Pick<LookDeps, 'taskQueue'>, subject: string): boolean {
  return subject.startsWith(`${taskQueue}-`) || subject === taskQueue;
}

/** One bad version of the code stops runs of every pipeline, not all of them in the same round. */
const TOGETHER_MS = 5 * 60_000;

/** The pipeline whose tasks began to fail before those of the others. */
function firstOf(
  subjects: readonly string[],
  alarms: readonly { readonly subject: string; readonly since: Date }[],
): { readonly subject: string; readonly since: Date } | null {
  const known = alarms
    .filter(({ subject }) => subjects.includes(subject))
    .toSorted((one, other) => one.since.getTime() - other.since.getTime());
  const [subject] = subjects;
  return known[0] ?? (subject === undefined ? null : { subject, since: new Date() });
}

/** The incident that explains one that begins now; null where that is the first itself, or long ago. */
function becauseOf(
  { environment }: LookDeps,
  subject: string,
  first: { readonly subject: string; readonly since: Date } | null,
): string | null {
  if (first === null || first.subject === subject || Date.now() - first.since.getTime() > TOGETHER_MS)
    return null;
  return alarmDedupKey(environment, first.subject, 'tasksFailing');
}

async function tell(deps: LookDeps, failing: readonly FailingRun[], because: string | null): Promise<void> {
  const [first] = failing;
  if (first === undefined) return;
  const failure = await readFailure(deps, first);
  const kept = failing.slice(0, KEPT).map(({ workflowId, runId }) => ({ workflowId, runId }));
  await confirmAlarm(deps.db, {
    page: { ...failingPage(first.subject, failing, failure), because },
    runs: kept,
    confirmMs: deps.pace.confirmMs,
  });
}

/** The next open runs, the youngest first; where there are more than one round asks after, on from the last round's. */
async function nextOpenRuns(
  deps: LookDeps,
): Promise<{ readonly runs: readonly OpenRun[]; readonly more: boolean }> {
  const { db, client, taskQueue } = deps;
  const mark = await db
    .selectFrom('control.watch_mark')
    .select('at')
    .where('what', '=', MARK)
    .executeTakeFirst();
  const query = [
    `TaskQueue = ${quoted(taskQueue)}`,
    'ExecutionStatus = "Running"',
    ...(mark === undefined ? [] : [`StartTime <= ${quoted(mark.at.toISOString())}`]),
  ].join(' and ');
  const runs: (OpenRun & { readonly startTime: Date })[] = [];
  for await (const info of client.workflow.list({ query, pageSize: RUNS_AT_ONCE + 1 })) {
    const { workflowId, runId, startTime, type } = info;
    runs.push({ workflowId, runId, startTime, subject: subjectOf(type, attributeOf(info, 'WeirPipeline')) });
    if (runs.length > RUNS_AT_ONCE) break;
  }
  const next = runs.length > RUNS_AT_ONCE ? runs.at(-1)?.startTime : undefined;
  if (next === undefined) await db.deleteFrom('control.watch_mark').where('what', '=', MARK).execute();
  else {
    // As many as one round asks after may have begun in the same millisecond.
    const at = mark !== undefined && next >= mark.at ? new Date(mark.at.getTime() - 1) : next;
    await db
      .insertInto('control.watch_mark')
      .values({ what: MARK, at })
      .onConflict((conflict) => conflict.column('what').doUpdateSet({ at }))
      .execute();
  }
  return { runs: runs.slice(0, RUNS_AT_ONCE), more: mark !== undefined || next !== undefined };
}

async function lookAt({ client }: LookDeps, run: OpenRun): Promise<FailingRun | null> {
  const { workflowId, runId } = run;
  try {
    const { pendingWorkflowTask } = await client.workflowService.describeWorkflowExecution({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
    });
    const attempt = pendingWorkflowTask?.attempt ?? 0;
    return attempt >= FAILING_FROM_ATTEMPT ? { ...run, attempt } : null;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** How many events back the failure of a task is looked for: the server writes the first one only. */
const EVENTS_BACK = 20;

/** What the workflow task failed with: its cause, as the server names it, and what the SDK said. */
export interface TaskFailure {
  readonly cause: string;
  readonly message: string | null;
}

async function readFailure({ client }: LookDeps, run: FailingRun): Promise<TaskFailure> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId: run.workflowId, runId: run.runId },
    maximumPageSize: EVENTS_BACK,
  });
  let cause = 'not known';
  for (const event of history?.events ?? []) {
    const failed = event.workflowTaskFailedEventAttributes;
    if (failed)
      return {
        cause: CAUSES[failed.cause ?? 0] ?? `cause ${failed.cause ?? 0}`,
        message: failed.failure ? await messageOf(client, failed.failure) : null,
      };
    if (event.workflowTaskTimedOutEventAttributes) cause = 'timed out: no worker answered in time';
    // What failed before a task that went through is past.
    if (event.workflowTaskCompletedEventAttributes) break;
  }
  return { cause, message: null };
}

/** What a failure says: where there are payload keys its message is encrypted with the rest. */
async function messageOf(
  { options }: LookDeps['client'],
  { message, encodedAttributes }: ProtoFailure,
): Promise<string | null> {
  if (!encodedAttributes) return message ?? null;
  const { payloadCodecs, payloadConverter } = options.loadedDataConverter;
  try {
    let payloads: Payload[] = [encodedAttributes];
    for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
    const [payload] = payloads;
    const said: { readonly message?: string } = payload ? payloadConverter.fromPayload(payload) : {};
    return said.message ?? null;
  } catch (error) {
    // That the key is missing is as good a reason to be told of.
    return error instanceof Error ? error.message : null;
  }
}

/**
 * What nobody but the workflow's code or the server's limits brings about, in words.
 *
 * @see https://github.com/temporalio/api/blob/master/temporal/api/enums/v1/failed_cause.proto
 */
const CAUSES: Readonly<Record<number, string>> = {
  14: 'unhandled failure',
  21: 'bad binary',
  23: 'bad search attributes',
  24: 'non-deterministic code',
  26: 'too many children',
  27: 'too many pending activities',
  28: 'too many pending signals',
};

function readRuns(runs: unknown): readonly { readonly workflowId: string; readonly runId: string }[] {
  if (!Array.isArray(runs)) return [];
  return runs.flatMap((run: unknown) => {
    if (typeof run !== 'object' || run === null) return [];
    const [workflowId, runId]: unknown[] = [Reflect.get(run, 'workflowId'), Reflect.get(run, 'runId')];
    return typeof workflowId === 'string' && typeof runId === 'string' ? [{ workflowId, runId }] : [];
  });
}
