import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { SCHEDULES } from '../../workers/schedules.ts';
import type { PipelineInput } from '../../workflows/input.ts';
import type { Connections } from '../connect.ts';
import { exitCodes, Failure, type ExitCode } from '../exit-codes.ts';

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
  const schedule = SCHEDULES.find(({ scheduleId }) => scheduleId.startsWith(`${pipeline}-`));
  if (!schedule) throw new Failure(`there is no pipeline ${pipeline}; there are hourly and daily`);
  const handle = await client.workflow.start(schedule.workflowType, {
    args: [input],
    taskQueue: settings.taskQueue,
    workflowId: `${schedule.scheduleId}-by-hand-${randomUUID().slice(0, 8)}`,
  });
  const link = `${settings.temporalUiUrl}/namespaces/${namespace}/workflows/${handle.workflowId}`;
  process.stderr.write(`started ${handle.workflowId}\n${link}\n`);
  if (detach) return exitCodes.done;
  const result = await handle.result().catch(runFailure);
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `${resultLines(result)}\n`);
  return exitCodes.done;
}

function runFailure(error: unknown): never {
  if (!(error instanceof WorkflowFailedError)) throw error;
  const { cause } = error;
  const held =
    cause !== undefined && 'type' in cause && (cause.type === 'GateHeld' || cause.type === 'Abandoned');
  throw new Failure(innermost(error).message, held ? exitCodes.gateFailed : exitCodes.couldNotRun);
}

/** What went wrong at the bottom: above it stands that an activity failed. */
function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}

function resultLines(result: {
  models?: Record<string, { state: string; rows?: number; reason?: string; remarks?: readonly string[] }>;
}): string {
  return Object.entries(result.models ?? {})
    .map(([name, { state, rows, reason, remarks = [] }]) =>
      [`${name}: ${state}`, rows === undefined ? undefined : `${rows} rows`, reason, ...remarks]
        .filter((part) => part !== undefined)
        .join(' · '),
    )
    .join('\n');
}
