import { CancellationScope } from '@temporalio/workflow';
import type { Plan, PlannedModel } from '../models/plan.ts';
import { cancellationOf, isCancelled } from './cancelled.ts';
import { loadModel } from './model-load.ts';
import type { ModelOutcome } from './model-outcome.ts';
import { rowsText, waitingModel } from './progress.ts';
import { keywords } from './progress/keywords.ts';
import { messageOf, pageFailure, typeOf } from './run-end.ts';
import * as attribute from './search-attributes.ts';
import { setAttributes } from './set-attributes.ts';
import { stations } from './stations.ts';
import { step } from './steps.ts';
import type { Walk } from './walk.ts';

/** How every source and every model of a plan ended. */
export interface WalkedPlan {
  readonly sources: Readonly<Record<string, ModelOutcome>>;
  readonly models: Readonly<Record<string, ModelOutcome>>;
}

/** Extracts what the models read, then loads each model once what it reads has come; what need not wait goes side by side. */
export async function walkPlan(walk: Walk, plan: Plan): Promise<WalkedPlan> {
  setAttributes([{ key: attribute.models, value: keywords(plan.models.map(({ name }) => name)) }]);
  for (const model of plan.models) walk.progress.models.set(model.name, waitingModel(model, Date.now()));
  walk.progress.planned = true;
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
    walk.progress.sources.set(source, 'extracting');
    const summary = step(walk, source, `extract ${source}`);
    const landed = await stations.extract({ source, run: walk.run }, summary);
    const rejected = landed.rejected > 0 ? `, ${rowsText(landed.rejected)} in quarantine` : '';
    const left = (landed.left ?? []).map(({ file, reason }) => `, left ${file}: ${reason}`).join('');
    const drift = (landed.drift ?? []).map(({ problem }) => `, CHANGED AT ITS SOURCE: ${problem}`).join('');
    walk.progress.sources.set(source, `${rowsText(landed.rows)} landed${rejected}${drift}${left}`);
    walk.show();
    return { state: 'published', rows: landed.rows };
  } catch (failure) {
    if (isCancelled(failure)) throw cancellationOf(failure);
    walk.progress.sources.set(source, `failed: ${messageOf(failure)}`);
    walk.show();
    const reason = `extract ${source}: ${messageOf(failure)}`;
    await pageFailure(walk, reason, { relation: source, ...typeOf(failure) });
    return { state: 'failed', reason };
  }
}

async function loadWhenReady(
  walk: Walk,
  model: PlannedModel,
  needs: readonly Promise<ModelOutcome>[],
): Promise<ModelOutcome> {
  const blocked = (await Promise.all(needs)).find(({ state }) => state !== 'published' && state !== 'empty');
  const outcome = blocked
    ? ({ state: 'left', reason: `what it reads did not come: ${blocked.reason ?? blocked.state}` } as const)
    : await loadModel(walk, model).catch((failure: unknown) => failedOutcome(walk, model, failure));
  noteOutcome(walk, model, outcome);
  return outcome;
}

function noteOutcome(walk: Walk, model: PlannedModel, { state, rows, reason }: ModelOutcome): void {
  const line = walk.progress.models.get(model.name);
  if (line) {
    line.state = state === 'heldElsewhere' ? 'left' : state === 'expired' ? 'failed' : state;
    line.since = Date.now();
    line.rows = rows ?? line.rows;
    line.note = reason ?? line.note;
    line.held = null;
  }
  walk.show();
}

/** A model that broke gives back its lease; its watermark stays, so the next run meets its rows again. */
async function failedOutcome(walk: Walk, model: PlannedModel, failure: unknown): Promise<ModelOutcome> {
  walk.holds.delete(model.name); // Nobody is left to do what would be decided about it.
  await CancellationScope.nonCancellable(() =>
    stations.release({ model: model.name, run: walk.run, outcome: 'abandoned' }, `release ${model.name}`),
  );
  if (isCancelled(failure)) {
    noteOutcome(walk, model, { state: 'left', reason: 'cancelled; the next run meets its rows' });
    throw cancellationOf(failure);
  }
  await pageFailure(walk, `${model.name}: ${messageOf(failure)}`, {
    relation: model.name,
    ...typeOf(failure),
  });
  return { state: 'failed', reason: messageOf(failure) };
}
