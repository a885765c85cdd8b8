import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { pipelineOf } from '../../workers/schedules/schedule.ts';
import { ALL_SCHEDULES } from '../../workers/schedules.ts';
import { checkPipeline, pipelineNames } from '../pipelines.ts';
import { readRequest } from '../../workflows/input.ts';
import type { PipelineInput } from '../../workflows/input.ts';
import type { DryRun } from '../../workflows/dry-run.ts';
import { answer } from '../answer.ts';
import { dryRunText } from './dry-run-text.ts';
import type { ModelOutcome } from '../../workflows/model-outcome.ts';
import type { Connections } from '../connect.ts';
import { exitCodes, Failure, type ExitCode } from '../exit-codes.ts';
import { innermost } from '../runs/found-run.ts';
import { linkTo } from '../runs/link.ts';
import { waitForRun } from './watch-run.ts';

/** How a run is started and what is told of it. */
export interface RunOrder {
  readonly input: PipelineInput;
  /** Do not wait for the end. */
  readonly detach: boolean;
  readonly json: boolean;
}

/**
 * Starts a run of a pipeline and, unless told otherwise, waits for its end and prints what became of each model.
 *
 * @throws Failure (1) when a gate held it until its hold ended or it was abandoned, (3) when it could not run.
 */
export async function runPipeline(
  { client, namespace, settings }: Connections,
  pipeline: string,
  { input, detach, json }: RunOrder,
): Promise<ExitCode> {
  checkPipeline(pipeline);
  const schedule = ALL_SCHEDULES.find((one) => pipelineOf(one)?.pipeline === pipeline);
  if (!schedule) throw new Failure(`there is no pipeline ${pipeline}; there are ${pipelineNames}`);
  refuseInput(input);
  const handle = await client.workflow.start(schedule.workflowType, {
    args: [input],
    taskQueue: settings.taskQueue,
    workflowId: `${schedule.scheduleId}-by-hand-${randomUUID().slice(0, 8)}`,
  });
  const { workflowId } = handle;
  const link = linkTo(settings, namespace)(workflowId);
  process.stderr.write(`started ${workflowId}\n${link}\n`);
  if (detach) {
    answer(json, { workflowId, runId: handle.firstExecutionRunId, link }, () => '');
    return exitCodes.done;
  }
  const result: RunResult = await waitForRun(client, workflowId, () => handle.result().catch(runFailure));
  answer(
    json,
    result,
    () => `${resultLines(result) || `nothing was loaded: no model says schedule: ${pipeline}`}\n`,
  );
  const wasLeft = Object.values(result.models ?? {}).some(({ state }) => state === 'heldElsewhere');
  return wasLeft ? exitCodes.warned : exitCodes.done;
}

/** The flag of each field of a run's input, as somebody at a shell knows it. */
const FLAGS = {
  intervalStart: '--from',
  intervalEnd: '--to',
  asOf: '--as-of',
  holdFor: '--hold-for',
  fullRefresh: '--full-refresh',
} as const;

/** Before a run has begun: one that fails at once would page. */
function refuseInput(input: PipelineInput): void {
  try {
    readRequest(input, { scheduledAt: null, startedAt: new Date(), holdForMs: 0 });
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    const said = Object.entries(FLAGS).reduce(
      (text, [field, flag]) => text.replaceAll(field, flag),
      error.message.replace(/^The run's input cannot be used: /, ''),
    );
    throw new Failure(said);
  }
}

function runFailure(error: unknown): never {
  if (!(error instanceof WorkflowFailedError)) throw error;
  const { cause } = error;
  const held =
    cause !== undefined && 'type' in cause && (cause.type === 'GateHeld' || cause.type === 'Abandoned');
  throw new Failure(innermost(error).message, held ? exitCodes.gateFailed : exitCodes.couldNotRun);
}

interface RunResult {
  readonly models?: Readonly<Record<string, ModelOutcome>>;
  readonly dryRun?: DryRun;
}

function resultLines(result: RunResult): string {
  if (result.dryRun !== undefined) return dryRunText(result.dryRun).trimEnd();
  return Object.entries(result.models ?? {})
    .map(([name, { state, rows, reason, remarks = [] }]) =>
      [`${name}: ${state}`, rows === undefined ? undefined : `${rows} rows`, reason, ...remarks]
        .filter((part) => part !== undefined)
        .join(' · '),
    )
    .join('\n');
}
