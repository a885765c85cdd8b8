import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  startChild,
  TerminatedFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { BACKFILL_GRAIN_MS, WORKFLOW_OF } from '../../models/grain.ts';
import { isError } from '../is-error.ts';
import type { BackfillRequest } from './input.ts';
import { intervalRunId, shortTime } from './report.ts';
import type { FailedInterval } from './state.ts';
import { backfillStations } from './stations.ts';
import { TASK_TIMEOUT } from './task-timeout.ts';
import { keywords } from '../progress/keywords.ts';
import { summaryOf } from '../progress/text.ts';
import * as attribute from '../search-attributes.ts';
import type { PipelineInput } from '../input.ts';

/** Which interval, and of what. */
export interface IntervalOrder {
  readonly request: BackfillRequest;
  readonly models: readonly string[];
  /** ISO 8601, UTC. */
  readonly start: string;
}

/** What of a gate's failure is a person's decision, or the lack of one. */
const OF_GATES = ['GateHeld', 'Abandoned'];

/**
 * Loads one interval in a run of its own, as a child of the pipeline's own type, and waits for its end. It outlives the
 * backfill: only who cancels the backfill cancels it too.
 *
 * One that this backfill has loaded already, before it was reset, is not loaded again, and one that still goes on is
 * waited for.
 *
 * @param begun called when the run exists.
 * @param other waits for a run of this id that this very run did not start.
 * @returns why it failed; null where every model has been loaded.
 */
export async function runInterval(
  order: IntervalOrder,
  begun: () => void,
  other: () => Promise<FailedInterval | null | undefined>,
): Promise<FailedInterval | null> {
  const { request, models, start } = order;
  const { workflowId } = workflowInfo();
  const intervalEnd = new Date(Date.parse(start) + BACKFILL_GRAIN_MS[request.pipeline]).toISOString();
  const input: PipelineInput = {
    asOf: intervalEnd,
    intervalStart: start,
    intervalEnd,
    models,
    holdFor: request.holdFor,
  };
  try {
    const child = await startChild(WORKFLOW_OF[request.pipeline], {
      workflowId: intervalRunId(workflowId, start),
      args: [input],
      parentClosePolicy: 'ABANDON',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowTaskTimeout: TASK_TIMEOUT,
      typedSearchAttributes: [
        { key: attribute.pipeline, value: request.pipeline },
        { key: attribute.gateState, value: 'running' },
        { key: attribute.intervalStart, value: new Date(start) },
        { key: attribute.intervalEnd, value: new Date(intervalEnd) },
        { key: attribute.models, value: keywords(models) },
      ],
      staticSummary: summaryOf(`[${shortTime(start)}, ${shortTime(intervalEnd)}) of ${workflowId}`),
    });
    begun();
    return judge(start, await child.result());
  } catch (failure) {
    begun();
    if (failure instanceof WorkflowExecutionAlreadyStartedError) return await awaitStarted(start, other);
    return failed(start, reasonOf(failure), {
      gate: OF_GATES.includes(typeOf(failure)),
      byHand: isEndedByHand(causeOf(failure)),
    });
  }
}

async function awaitStarted(
  start: string,
  other: () => Promise<FailedInterval | null | undefined>,
): Promise<FailedInterval | null> {
  const ended = await other();
  return ended === undefined ? failed(start, 'its run is no longer known to the server') : ended;
}

/**
 * Waits for the end of an interval whose run is no child of this very run: the backfill went on anew, or was reset.
 *
 * @returns why it failed, null where all is well; `undefined` where there is no such run.
 */
export async function awaitInterval({ start }: IntervalOrder): Promise<FailedInterval | null | undefined> {
  const workflowId = intervalRunId(workflowInfo().workflowId, start);
  const ended = await backfillStations.awaitInterval({ workflowId }, `wait for ${shortTime(start)}`);
  if (ended.end === 'none') return undefined;
  return ended.end === 'completed'
    ? judge(start, ended.result)
    : failed(start, ended.message, { gate: OF_GATES.includes(ended.type), byHand: ended.byHand === true });
}

/** A run that has completed may still have left a model to somebody else, and that is not done. */
function judge(start: string, result: unknown): FailedInterval | null {
  const models = fieldsOf(fieldsOf(result)['models']);
  const left = Object.entries(models).flatMap(([model, outcome]) => {
    const { state, reason } = fieldsOf(outcome);
    return state === 'published' || state === 'empty'
      ? []
      : [`${model}: ${typeof reason === 'string' ? reason : String(state)}`];
  });
  return left.length === 0 ? null : failed(start, left.join('; '));
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Kept of a reason: it is carried along for as long as the backfill goes on. */
const REASON_LENGTH = 300;

function failed(start: string, reason: string, { gate = false, byHand = false } = {}): FailedInterval {
  return { start, reason: reason.slice(0, REASON_LENGTH), gate, ...(byHand ? { byHand } : {}) };
}

function isEndedByHand(cause: unknown): boolean {
  return cause instanceof CancelledFailure || cause instanceof TerminatedFailure;
}

function causeOf(failure: unknown): unknown {
  return failure instanceof ChildWorkflowFailure ? failure.cause : failure;
}

function typeOf(failure: unknown): string {
  const cause = causeOf(failure);
  return cause instanceof ApplicationFailure ? (cause.type ?? '') : '';
}

function reasonOf(failure: unknown): string {
  const cause = causeOf(failure);
  return isError(cause) ? cause.message : String(cause);
}
