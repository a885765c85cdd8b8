import { isDeepStrictEqual } from 'node:util';
import type { Published } from '../../activities/publish.ts';
import type { Plan, PlannedModel } from '../../models/plan.ts';
import { call } from './call.ts';
import type { Walk } from './call.ts';
import { passGate } from './gates.ts';
import { StationFailed } from './loaders.ts';
import type { StationInput, StationResult } from './loaders.ts';

/** `left`: it reads what did not come. `ended`: no load was published. */
export type Outcome = 'published' | 'empty' | 'left' | 'ended';

/** Loads every model of a plan, side by side where the graph allows. @throws RunEnded */
export async function walkPlan(walk: Walk, plan: Plan): Promise<ReadonlyMap<string, Outcome>> {
  const sources = new Map(plan.sources.map(({ name }) => [name, extract(walk, name)]));
  const models = new Map<string, Promise<Outcome>>();
  for (const model of plan.models) {
    const needs = [
      ...model.sources.flatMap((name) => sources.get(name) ?? []),
      ...model.upstream.flatMap((name) => models.get(name) ?? []),
    ];
    models.set(model.name, loadWhenReady(walk, model, needs));
  }
  const settled = await Promise.allSettled([...sources.values(), ...models.values()]);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  const outcomes = await Promise.all(
    [...models].map(async ([name, outcome]) => [name, await outcome] as const),
  );
  return new Map(outcomes);
}

async function extract(walk: Walk, source: string): Promise<Outcome> {
  try {
    const { rows } = await call(walk, 'extract', { source, run: walk.run });
    return rows > 0 ? 'published' : 'empty';
  } catch (error) {
    if (error instanceof StationFailed) return 'ended';
    throw error;
  }
}

async function loadWhenReady(
  walk: Walk,
  model: PlannedModel,
  needs: readonly Promise<Outcome>[],
): Promise<Outcome> {
  const blocked = (await Promise.all(needs)).some((state) => state !== 'published' && state !== 'empty');
  if (blocked) return 'left';
  if (walk.interval !== null && !hasTime.includes(model.name)) return 'left';
  try {
    return await loadModel(walk, model);
  } catch (error) {
    if (!(error instanceof StationFailed)) throw error;
    await call(walk, 'release', { model: model.name, run: walk.run, outcome: 'abandoned' });
    return 'ended';
  }
}

/** Models that can be read by event time. */
const hasTime = [
  'stg_transactions',
  'stg_pos_events',
  'stg_inventory',
  'fct_daily_sales',
  'inventory_realtime',
];

async function loadModel(walk: Walk, model: PlannedModel): Promise<Outcome> {
  let replaces: number | null = null;
  for (;;) {
    const opened: StationResult<'open'> = await call(walk, 'open', openInput(walk, model, replaces));
    if (opened.state === 'held') return 'left';
    const loadId: number = opened.loadId;
    if (opened.empty) return publish(walk, { loadId, attempt: 0 });
    const arrived = await passGate(walk, model, 'input', loadId);
    if (arrived === 'ended') return 'ended';
    if (arrived === 'open') {
      const walked = await stageAndPublish(walk, model, loadId);
      if (walked !== 'reload') return walked;
    }
    replaces = loadId;
    for (const source of model.sources) await call(walk, 'extract', { source, run: walk.run });
  }
}

function openInput(walk: Walk, model: PlannedModel, replaces: number | null): StationInput<'open'> {
  return {
    model: model.name,
    pipeline: 'hourly',
    asOf: walk.asOf,
    run: walk.run,
    ...(walk.interval === null ? {} : { interval: walk.interval }),
    ...(replaces === null ? {} : { replaces }),
  };
}

async function stageAndPublish(walk: Walk, model: PlannedModel, loadId: number): Promise<Outcome | 'reload'> {
  for (;;) {
    const staged = await call(walk, 'stage', { loadId, run: walk.run });
    const fresh = { loadId, attempt: staged.attempt };
    if (!staged.empty) {
      const passage = await passGate(walk, model, 'output', loadId);
      if (passage !== 'open') return passage;
    }
    const outcome = await publish(walk, fresh);
    if (outcome !== 'left') return outcome;
  }
}

/** `left`: what the gate saw is not there any more. */
async function publish(
  walk: Walk,
  load: { readonly loadId: number; readonly attempt: number },
): Promise<Outcome> {
  const input = { ...load, run: walk.run };
  const { counts, watched } = walk.world;
  const doubled = walk.random.chance(0.2);
  const [published, again] = await Promise.all(
    Array.from({ length: doubled ? 2 : 1 }, () => call(walk, 'publish', input)),
  );
  if (doubled) {
    counts.doubledPublishes += 1;
    if (!isDeepStrictEqual(again, published))
      watched.violations.add('two publishes of one load gave two answers');
  }
  return outcomeOf(walk, published);
}

function outcomeOf({ world }: Walk, published: Published | undefined): Outcome {
  if (published === undefined || published.state === 'stale') return 'left';
  if (published.state === 'published') world.counts.published += 1;
  return published.state;
}
