import { deltasOf, timedDeltas } from './deltas.ts';
import type { Graph } from './graph.ts';
import { isPublished, isSource } from './model.ts';
import type { PublishedModel, Schedule, SourceModel, Tier } from './model.ts';

/** A source that a run extracts before the models that read it. */
export interface PlannedSource {
  readonly name: string;
  readonly reader: string;
  readonly relation: string;
}

/** A model that a run gates, stages and publishes. */
export interface PlannedModel {
  readonly name: string;
  readonly relation: string;
  readonly kind: PublishedModel['kind'];
  readonly owner: string;
  /** Plans of earlier versions have none. */
  readonly tier?: Tier;
  readonly runbook: string | null;
  /** Sources of this plan that it reads itself: to be extracted first. */
  readonly sources: readonly string[];
  /** Models of this plan it reads. */
  readonly upstream: readonly string[];
  /** Every model that depends on it, of whatever pipeline, nearest first. */
  readonly downstream: readonly string[];
  readonly gates: {
    readonly input: { readonly suite: string } | null;
    readonly output: { readonly suite: string } | null;
  };
  readonly gateReason: string | null;
  /** Why a run by event time leaves it as it stands; left out where it has something to read. */
  readonly timeless?: string;
}

/** Half-open, UTC, ISO 8601. */
export interface PlannedInterval {
  readonly start: string;
  readonly end: string;
}

/** What one run does, as data: it is kept in the run's history. */
export interface Plan {
  readonly pipeline: Schedule;
  /** Same models, same SQL, same suites: same hash. */
  readonly planHash: string;
  readonly sources: readonly PlannedSource[];
  /** In dependency order. */
  readonly models: readonly PlannedModel[];
  /**
   * The slot that the run reads by event time because the ledger has published it before; null where it reads as its
   * input says. Plans of earlier versions have none.
   */
  readonly slotAgain?: PlannedInterval | null;
  /** What a run in a zone of its own is about; left out of a run in UTC. */
  readonly local?: LocalSlot;
  /**
   * The end of a later slot whose run has begun to load before this one was planned: it takes what arrived, and this run
   * has nothing to do. Only of the pipeline of a minute, whose runs pile up while no worker polls.
   */
  readonly passedBy?: string;
  /**
   * Ends of the slots before this run's that its schedule names and no run took: paused, or an outage longer than the
   * catch-up window. ISO 8601, oldest first, the last 48; left out where there is none.
   */
  readonly missedSlots?: readonly string[];
  /** How many were missed in all. */
  readonly missedSlotCount?: number;
  /**
   * Whether on-call has an open incident of a failed run of this pipeline which this one resolves when it is good: one that
   * reads what arrived does, an interval of the past or a replay says nothing of the rows that wait.
   */
  readonly incidentOpen: boolean;
}

/** What to plan: a pipeline, and of it only the named models where some are named. */
export interface PlanRequest {
  readonly pipeline: Schedule;
  readonly models?: readonly string[];
  /** Incremental models that the run makes anew from whole relations. */
  readonly fullRefresh?: readonly string[];
  /** The load whose window the run reads again: it runs that load's model alone. */
  readonly replay?: number;
  /** Whether it reads an interval of event time that its input names. */
  readonly byTime?: boolean;
  /** Whether somebody has landed what the sources have to give: nothing is extracted, but by a reload. */
  readonly landed?: boolean;
  /** The slot a schedule started the run for; left out of a run by hand. */
  readonly slot?: ScheduledSlot;
  /** The zone whose days or hours the data interval is made of, and the time whose interval it is. */
  readonly local?: { readonly timeZone: string; readonly asOf: string };
}

/** The slot of a scheduled run. */
export interface ScheduledSlot extends PlannedInterval {
  /** Whether the schedule meant it to start much earlier than it did: it is caught up, or backfilled. */
  readonly late: boolean;
  /** The time that the schedule names, without its jitter; of a trigger that of the click. Earlier versions gave none. */
  readonly scheduledAt?: string;
  readonly scheduleId?: string;
}

/** What a run in a zone of its own is about. */
export interface LocalSlot {
  /** Its data interval: the last whole local day or hour at its as-of time. */
  readonly interval: PlannedInterval;
  /** The slot that a schedule started it for; null of a run by hand. */
  readonly slot: PlannedInterval | null;
}

/** Thrown for a request that names what the pipeline does not have. */
export class PlanRefused extends Error {
  override readonly name = 'PlanRefused';
}

/** The part of a plan that the files decide alone. */
export type PlannedWalk = Omit<
  Plan,
  'planHash' | 'incidentOpen' | 'slotAgain' | 'local' | 'passedBy' | 'missedSlots' | 'missedSlotCount'
>;

/**
 * Chooses what a run does. A source or model belongs to the pipeline that its schedule names; what a chosen model
 * reads of another pipeline, or of models that were not chosen, is read as it stands. The pipeline of a minute extracts
 * every source whose delta its models read, whatever the source's own schedule: one header line makes a model quicker.
 *
 * @throws PlanRefused naming the models that do not exist or have another schedule.
 */
export function planPipeline(graph: Graph, request: PlanRequest): PlannedWalk {
  const scheduled = graph.models.filter(isPublished).filter((model) => model.schedule === request.pipeline);
  const chosen =
    request.models === undefined ? scheduled : scheduled.filter(({ name }) => request.models?.includes(name));
  refuseStrangers(graph, request, scheduled);
  refuseRebuilds(request, chosen);
  const names = new Set(chosen.map((model) => model.name));
  const reads = (model: PublishedModel): readonly string[] => graph.upstream.get(model.name) ?? [];
  const read = new Set(chosen.flatMap(reads));
  const sources = graph.models
    .filter(isSource)
    .filter(
      (source) =>
        // A replay reads what has landed, and nothing new.
        request.replay === undefined &&
        (source.schedule === request.pipeline || isQuicker(request, source, chosen)) &&
        (request.models === undefined || read.has(source.name)),
    )
    .map(({ name, reader, relation }) => ({ name, reader, relation }));
  const models = chosen.map((model) => ({
    name: model.name,
    relation: model.relation,
    kind: model.kind,
    owner: model.owner,
    tier: model.tier,
    runbook: model.runbook,
    sources: sources.filter(({ name }) => reads(model).includes(name)).map(({ name }) => name),
    upstream: reads(model).filter((name) => names.has(name)),
    downstream: graph.downstream.get(model.name) ?? [],
    gates: { input: suiteOf(model.gates.input), output: suiteOf(model.gates.output) },
    gateReason: model.gateReason,
    ...timelessOf(model, graph),
  }));
  return { pipeline: request.pipeline, sources: request.landed === true ? [] : sources, models };
}

/** Whether models of a minute read the delta of a source that its own pipeline would extract more rarely. */
function isQuicker(
  { pipeline }: PlanRequest,
  { name }: SourceModel,
  chosen: readonly PublishedModel[],
): boolean {
  return pipeline === 'minute' && chosen.some(({ shape }) => deltasOf(shape).includes(name));
}

/** A full refresh runs as usual in a run by event time: it reads whole relations, as they are now. */
function timelessOf(model: PublishedModel, graph: Graph): Pick<PlannedModel, 'timeless'> {
  if (model.kind === 'history')
    return { timeless: 'a history goes on from now, and has no past to read again' };
  const hasTime = model.shape.kind === 'whole' || timedDeltas(model, graph).length > 0;
  return hasTime ? {} : { timeless: 'none of the deltas it reads has a time_column' };
}

function suiteOf(gate: { readonly suite: string } | null): { readonly suite: string } | null {
  return gate === null ? null : { suite: gate.suite };
}

function refuseStrangers(
  graph: Graph,
  { pipeline, models = [] }: PlanRequest,
  scheduled: readonly PublishedModel[],
): void {
  const strangers = models.filter((name) => !scheduled.some((model) => model.name === name));
  if (strangers.length === 0) return;
  const reasons = strangers.map((name) => {
    const found = graph.byName.get(name);
    if (found === undefined) return `${name} does not exist`;
    return isPublished(found)
      ? `${name} is ${found.schedule}`
      : `${name} is a ${found.kind} and is not published`;
  });
  const known = scheduled.map((model) => model.name).join(', ');
  throw new PlanRefused(
    `The ${pipeline} pipeline cannot run these models: ${reasons.join('; ')}. It has ${known}.`,
  );
}

/** Models that no rebuild can make, each with the reason. */
function refuseRebuilds(
  { pipeline, fullRefresh = [] }: PlanRequest,
  chosen: readonly PublishedModel[],
): void {
  const reasons = fullRefresh.flatMap((name) => {
    const model = chosen.find((one) => one.name === name);
    if (model === undefined) return [`${name} is not among the models of this run`];
    return model.kind === 'incremental' ? [] : [notRebuilt(model)];
  });
  if (reasons.length === 0) return;
  throw new PlanRefused(
    `The ${pipeline} pipeline cannot rebuild what fullRefresh names: ${reasons.join('; ')}.`,
  );
}

/** Why a model that is not incremental is never rebuilt, and what to do instead. */
export function notRebuilt({ name, kind }: PublishedModel): string {
  return kind === 'full_refresh'
    ? `${name} is full_refresh, so every run makes it anew: leave it out of fullRefresh`
    : `${name} is ${kind}: its versions are in no other relation, so there is nothing to make them from`;
}
