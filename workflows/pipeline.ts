import {
  CancellationScope,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Plan, PlannedModel, PlanRequest, ScheduledSlot } from '../models/plan.ts';
import { answerEveryUpdate, takeDecisions } from './holds.ts';
import { readRequest, type PipelineRequest } from './input.ts';
import { loadModel } from './model-load.ts';
import type { ModelOutcome } from './model-outcome.ts';
import { messageOf, pageFailure, pageRunFailure, resolveFailure, throwIfFailed } from './run-end.ts';
import * as attribute from './search-attributes.ts';
import { failedSuites, gateState, renderDetails, rowsText, type Progress } from './progress.ts';
import { stations } from './stations.ts';
import type { Walk } from './walk.ts';

/** What a run ends with: one outcome a model. */
export interface PipelineResult {
  readonly asOf: string;
  readonly models: Readonly<Record<string, ModelOutcome>>;
}

/** How a pipeline differs from its sibling: everything else is the same story over other models. */
export interface PipelineKind {
  readonly pipeline: Plan['pipeline'];
  /** The grain of its data interval, the label of a run by arrival. */
  readonly grainMs: number;
  readonly holdForMs: number;
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
      `plan ${kind.pipeline} load as of ${walk.request.asOf}`,
    );
    walk.slotAgain = plan.slotAgain ?? null;
    const { sources, models } = await walkPlan(walk, plan);
    await answerEveryUpdate();
    throwIfFailed(sources, models);
    if (plan.incidentOpen) await resolveFailure(walk);
    return { asOf: walk.request.asOf, models };
  } catch (failure) {
    if (!isCancellation(failure)) await pageRunFailure(walk, failure);
    throw failure;
  }
}

function planRequest({ pipeline, grainMs }: PipelineKind, { request, slotEnd }: Walk): PlanRequest {
  const { models, fullRefresh, replay } = request;
  const usual = request.interval === null && fullRefresh.length === 0 && replay === null;
  return {
    pipeline,
    ...(models ? { models: [...models] } : {}),
    ...(fullRefresh.length > 0 ? { fullRefresh: [...fullRefresh] } : {}),
    ...(replay === null ? {} : { replay }),
    ...(usual && slotEnd !== null ? { slot: scheduledSlot(grainMs, slotEnd) } : {}),
  };
}

/** A trigger and a scheduled start happen when they are meant to, give or take what the server needs. */
const LATE_MS = 60_000;

function scheduledSlot(grainMs: number, end: string): ScheduledSlot {
  const { startTime, typedSearchAttributes } = workflowInfo();
  const meant = typedSearchAttributes.get(attribute.scheduledStartTime) ?? startTime;
  const start = new Date(Date.parse(end) - grainMs).toISOString();
  return { start, end, late: startTime.getTime() - meant.getTime() > LATE_MS };
}

function startWalk(kind: PipelineKind, input: unknown): Walk {
  const info = workflowInfo();
  const request = readRequest(input, {
    scheduledAt: info.typedSearchAttributes.get(attribute.scheduledStartTime) ?? null,
    startedAt: info.startTime,
    holdForMs: kind.holdForMs,
  });
  const progress: Progress = {
    pipeline: kind.pipeline,
    asOf: request.asOf,
    sources: new Map(),
    models: new Map(),
  };
  const interval = dataInterval(kind.grainMs, request);
  const scheduledAt = info.typedSearchAttributes.get(attribute.scheduledStartTime);
  upsertSearchAttributes([
    { key: attribute.pipeline, value: kind.pipeline },
    { key: attribute.gateState, value: 'running' },
    { key: attribute.intervalStart, value: interval.start },
    { key: attribute.intervalEnd, value: interval.end },
  ]);
  return {
    pipeline: kind.pipeline,
    request,
    run: { workflowId: info.workflowId, runId: info.runId },
    slotEnd: scheduledAt === undefined ? null : lastGrain(kind.grainMs, scheduledAt.getTime()).toISOString(),
    slotAgain: null,
    progress,
    holds: new Map(),
    failurePaged: false,
    show: showProgress(progress),
  };
}

/** A run's data interval: the one it was asked for, else the last whole grain that had ended at its as-of time. */
function dataInterval(grainMs: number, request: PipelineRequest): { start: Date; end: Date } {
  if (request.interval)
    return { start: new Date(request.interval.start), end: new Date(request.interval.end) };
  const end = lastGrain(grainMs, Date.parse(request.asOf));
  return { start: new Date(end.getTime() - grainMs), end };
}

/** The end of the last whole grain before or at a time: whatever the second of a trigger or the jitter of a schedule. */
function lastGrain(grainMs: number, time: number): Date {
  return new Date(Math.floor(time / grainMs) * grainMs);
}

function showProgress(progress: Progress): () => void {
  let shown = 'running';
  return () => {
    setCurrentDetails(renderDetails(progress));
    const state = gateState(progress);
    const suites = failedSuites(progress);
    const now = [state, ...suites].join();
    if (now === shown) return;
    shown = now;
    upsertSearchAttributes([
      { key: attribute.gateState, value: state },
      { key: attribute.failedSuites, value: suites },
    ]);
  };
}

async function walkPlan(walk: Walk, plan: Plan) {
  upsertSearchAttributes([{ key: attribute.models, value: plan.models.map(({ name }) => name) }]);
  for (const model of plan.models) {
    walk.progress.models.set(model.name, { model, state: 'waiting', note: '', held: null });
  }
  walk.show();
  const extracted = new Map(plan.sources.map(({ name }) => [name, extractSource(walk, name)]));
  const outcomes = new Map<string, Promise<ModelOutcome>>();
  for (const model of plan.models) {
    const needs = [
      ...model.sources.flatMap((name) => extracted.get(name) ?? []),
      ...model.upstream.flatMap((name) => outcomes.get(name) ?? []),
    ];
    outcomes.set(model.name, loadWhenReady(walk, model, needs));
  }
  // Whatever breaks one branch, the others walk to their end: each has a lease to give back.
  await Promise.allSettled([...extracted.values(), ...outcomes.values()]);
  return { sources: await settled(extracted), models: await settled(outcomes) };
}

async function settled(
  outcomes: ReadonlyMap<string, Promise<ModelOutcome>>,
): Promise<Record<string, ModelOutcome>> {
  const entries = [...outcomes].map(async ([name, outcome]) => [name, await outcome] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Lands what a source has to give. Ends in an outcome, not in an exception: only what reads the source stops. */
async function extractSource(walk: Walk, source: string): Promise<ModelOutcome> {
  try {
    const landed = await stations.extract({ source, run: walk.run }, `extract ${source}`);
    const rejected = landed.rejected > 0 ? `, ${rowsText(landed.rejected)} in quarantine` : '';
    const left = (landed.left ?? []).map(({ file, reason }) => `, left ${file}: ${reason}`).join('');
    const drift = (landed.drift ?? []).map(({ problem }) => `, CHANGED AT ITS SOURCE: ${problem}`).join('');
    walk.progress.sources.set(source, `${rowsText(landed.rows)} landed${rejected}${drift}${left}`);
    walk.show();
    return { state: 'published', rows: landed.rows };
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    walk.progress.sources.set(source, `failed: ${messageOf(failure)}`);
    walk.show();
    const reason = `extract ${source}: ${messageOf(failure)}`;
    await pageFailure(walk, reason);
    return { state: 'failed', reason };
  }
}

async function loadWhenReady(
  walk: Walk,
  model: PlannedModel,
  needs: readonly Promise<ModelOutcome>[],
): Promise<ModelOutcome> {
  const line = walk.progress.models.get(model.name);
  const blocked = (await Promise.all(needs)).find(({ state }) => state !== 'published' && state !== 'empty');
  const outcome = blocked
    ? ({ state: 'left', reason: `what it reads did not come: ${blocked.reason ?? blocked.state}` } as const)
    : await loadModel(walk, model).catch((failure: unknown) => failedOutcome(walk, model, failure));
  if (line) {
    line.state =
      outcome.state === 'heldElsewhere' ? 'left' : outcome.state === 'expired' ? 'failed' : outcome.state;
    if (outcome.reason !== undefined) line.note = outcome.reason;
    line.held = null;
  }
  walk.show();
  return outcome;
}

/** A model that broke gives back its lease; its watermark stays, so the next run meets its rows again. */
async function failedOutcome(walk: Walk, model: PlannedModel, failure: unknown): Promise<ModelOutcome> {
  walk.holds.delete(model.name); // Nobody is left to do what would be decided about it.
  await CancellationScope.nonCancellable(() =>
    stations.release({ model: model.name, run: walk.run, outcome: 'abandoned' }, `release ${model.name}`),
  );
  if (isCancellation(failure)) throw failure;
  await pageFailure(walk, `${model.name}: ${messageOf(failure)}`);
  return { state: 'failed', reason: messageOf(failure) };
}
