import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Plan, PlanRequest, ScheduledSlot } from '../models/plan.ts';
import { cancellationOf, isCancelled } from './cancelled.ts';
import { dryRun, type DryRun } from './dry-run.ts';
import { answerEveryUpdate, takeDecisions } from './holds.ts';
import { readRequest, type PipelineRequest } from './input.ts';
import type { ModelOutcome } from './model-outcome.ts';
import { isOfBackfill } from './of-backfill.ts';
import { settlePages } from './pages-beside.ts';
import { pageRunFailure, resolveFailure, throwIfFailed, wasReset } from './run-end.ts';
import * as attribute from './search-attributes.ts';
import { newProgress } from './progress.ts';
import { showProgress } from './progress/show.ts';
import { isLate, jitterOf, slotAt, type Slot } from './slot.ts';
import { setAttributes } from './set-attributes.ts';
import { stations } from './stations.ts';
import { step } from './steps.ts';
import { walkPlan } from './walk-plan.ts';
import type { Walk } from './walk.ts';

/** What a run ends with: one outcome a model. */
export interface PipelineResult {
  readonly asOf: string;
  readonly models: Readonly<Record<string, ModelOutcome>>;
  /** What a run would have done that was only to say so; left out of any other. */
  readonly dryRun?: DryRun;
}

/** How a pipeline differs from its sibling: everything else is the same story over other models. */
export interface PipelineKind {
  readonly pipeline: Plan['pipeline'];
  /** The grain of its data interval, the label of a run by arrival. */
  readonly grainMs: number;
  readonly holdForMs: number;
  /**
   * Whether a run of its schedule leaves a model that another run goes on loading: the next one is there before long.
   * Left out: it waits for its turn.
   */
  readonly leavesBusy?: boolean;
}

/**
 * The walk: plan, extract what the models read, then each model in dependency order, independent branches side by
 * side. Flat in one workflow, so that a reset can go back to any station. What fails or is held stops only what
 * depends on it; the run ends when every model has an outcome.
 *
 * @throws ApplicationFailure `InvalidInput`, `InvalidModel`, `InvalidSuite` before anything is loaded; `GateHeld` when
 * a hold expired, `RunFailed` when a source or model failed: both after every other model had its turn.
 */
export async function runPipeline(kind: PipelineKind, input: unknown): Promise<PipelineResult> {
  const walk = startWalk(kind, input);
  takeDecisions(walk.holds);
  walk.show();
  try {
    const plan = await stations.plan(
      planRequest(kind, walk),
      step(walk, kind.pipeline, `plan ${kind.pipeline} load as of ${walk.request.asOf}`),
    );
    walk.slotAgain = plan.slotAgain ?? null;
    takeLocalSlot(walk, plan);
    walk.progress.missedSlots = missedSlots(plan);
    if (walk.request.dryRun) return { asOf: walk.request.asOf, models: {}, dryRun: await dryRun(walk, plan) };
    if (plan.passedBy !== undefined) return passed(walk, plan.passedBy);
    const { sources, models } = await walkPlan(walk, plan);
    await answerEveryUpdate();
    await settlePages(walk);
    throwIfFailed(sources, models);
    if (!isOfBackfill() && (wasReset() || plan.incidentOpen)) await resolveFailure(walk);
    return { asOf: walk.request.asOf, models };
  } catch (failure) {
    if (isCancelled(failure)) throw cancellationOf(failure);
    if (!walk.request.dryRun) await pageRunFailure(walk, failure);
    throw failure;
  }
}

/** A run whose turn has passed ends with its plan, and says so. */
function passed(walk: Walk, by: string): PipelineResult {
  walk.progress.planned = true;
  walk.progress.passedBy = by;
  walk.show();
  return { asOf: walk.request.asOf, models: {} };
}

function planRequest({ pipeline, grainMs }: PipelineKind, { request }: Walk): PlanRequest {
  const { models, fullRefresh, replay, interval, timeZone } = request;
  const usual = interval === null && fullRefresh.length === 0 && replay === null;
  const slot = usual ? scheduledSlot(grainMs) : null;
  return {
    pipeline,
    ...(models ? { models: [...models] } : {}),
    ...(fullRefresh.length > 0 ? { fullRefresh: [...fullRefresh] } : {}),
    ...(replay === null ? {} : { replay }),
    ...(interval === null ? {} : { byTime: true }),
    ...(isOfBackfill() ? { landed: true } : {}),
    ...(slot === null ? {} : { slot }),
    ...(interval === null && timeZone !== null ? { local: { timeZone, asOf: request.asOf } } : {}),
  };
}

/** The slot that a schedule started the run for; null of a run by hand. */
function scheduledSlot(grainMs: number): ScheduledSlot | null {
  const { startTime: startedAt, typedSearchAttributes, memo } = workflowInfo();
  const scheduledAt = typedSearchAttributes.get(attribute.scheduledStartTime);
  if (scheduledAt === undefined) return null;
  const { start, end } = slotAt(grainMs, scheduledAt.getTime());
  const scheduleId = typedSearchAttributes.get(attribute.scheduledById);
  return {
    start: start.toISOString(),
    end: end.toISOString(),
    late: isLate({ scheduledAt, startedAt, jitterMs: jitterOf(memo) }),
    scheduledAt: scheduledAt.toISOString(),
    ...(scheduleId === undefined ? {} : { scheduleId }),
  };
}

/** Ends of the slots that nobody took, as the details show them; the plan lists no more than somebody reads. */
function missedSlots({
  missedSlots: slots = [],
  missedSlotCount: all = slots.length,
}: Plan): readonly string[] {
  return all > slots.length ? [...slots, `${all - slots.length} more`] : slots;
}

/** What the plan has worked out of a local day or hour takes the place of the UTC one. */
function takeLocalSlot(walk: Walk, { local }: Plan): void {
  if (local === undefined) return;
  if (walk.slotEnd !== null && local.slot !== null) walk.slotEnd = local.slot.end;
  upsertSearchAttributes([
    { key: attribute.intervalStart, value: new Date(local.interval.start) },
    { key: attribute.intervalEnd, value: new Date(local.interval.end) },
  ]);
}

function startWalk(kind: PipelineKind, input: unknown): Walk {
  const info = workflowInfo();
  const request = readRequest(input, {
    scheduledAt: info.typedSearchAttributes.get(attribute.scheduledStartTime) ?? null,
    startedAt: info.startTime,
    holdForMs: kind.holdForMs,
  });
  const progress = newProgress(kind.pipeline, request.asOf, info.workflowId);
  const interval = dataInterval(kind.grainMs, request);
  const scheduledAt = info.typedSearchAttributes.get(attribute.scheduledStartTime);
  const told = info.typedSearchAttributes.get(attribute.gateState) === 'running';
  setAttributes([
    { key: attribute.pipeline, value: kind.pipeline },
    { key: attribute.gateState, value: 'running' },
    ...(interval === null
      ? []
      : [
          { key: attribute.intervalStart, value: interval.start },
          { key: attribute.intervalEnd, value: interval.end },
        ]),
  ]);
  return {
    pipeline: kind.pipeline,
    request,
    run: { workflowId: info.workflowId, runId: info.runId },
    slotEnd: scheduledAt === undefined ? null : slotAt(kind.grainMs, scheduledAt.getTime()).end.toISOString(),
    slotAgain: null,
    leavesBusy: kind.leavesBusy === true && scheduledAt !== undefined && !isOfBackfill(),
    progress,
    holds: new Map(),
    pages: new Map(),
    failurePaged: false,
    show: showProgress(progress, told),
  };
}

/**
 * A run's data interval: the one it was asked for, else the last whole grain that had ended at its as-of time. That of a
 * zone of its own is not known before the plan.
 */
function dataInterval(grainMs: number, { interval, timeZone, asOf }: PipelineRequest): Slot | null {
  if (interval) return { start: new Date(interval.start), end: new Date(interval.end) };
  return timeZone === null ? slotAt(grainMs, Date.parse(asOf)) : null;
}
