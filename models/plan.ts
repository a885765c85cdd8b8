import type { Graph } from './graph.ts';
import { isPublished, isSource } from './model.ts';
import type { PublishedModel, Schedule } from './model.ts';

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
}

/** What one run does, as data: it is kept in the run's history. */
export interface Plan {
  readonly pipeline: Schedule;
  /** Same models, same SQL, same suites: same hash. */
  readonly planHash: string;
  readonly sources: readonly PlannedSource[];
  /** In dependency order. */
  readonly models: readonly PlannedModel[];
  /** Whether on-call has an open incident of a failed run of this pipeline, which a good run resolves. */
  readonly incidentOpen: boolean;
}

/** What to plan: a pipeline, and of it only the named models where some are named. */
export interface PlanRequest {
  readonly pipeline: Schedule;
  readonly models?: readonly string[];
}

/** Thrown for a request that names what the pipeline does not have. */
export class PlanRefused extends Error {
  override readonly name = 'PlanRefused';
}

/**
 * Chooses what a run does. A source or model belongs to the pipeline that its schedule names; what a chosen model
 * reads of another pipeline, or of models that were not chosen, is read as it stands.
 *
 * @throws PlanRefused naming the models that do not exist or have another schedule.
 */
export function planPipeline(graph: Graph, request: PlanRequest): Omit<Plan, 'planHash' | 'incidentOpen'> {
  const scheduled = graph.models.filter(isPublished).filter((model) => model.schedule === request.pipeline);
  const chosen =
    request.models === undefined ? scheduled : scheduled.filter(({ name }) => request.models?.includes(name));
  refuseStrangers(graph, request, scheduled);
  const names = new Set(chosen.map((model) => model.name));
  const reads = (model: PublishedModel): readonly string[] => graph.upstream.get(model.name) ?? [];
  const read = new Set(chosen.flatMap(reads));
  const sources = graph.models
    .filter(isSource)
    .filter(
      (source) =>
        source.schedule === request.pipeline && (request.models === undefined || read.has(source.name)),
    )
    .map(({ name, reader, relation }) => ({ name, reader, relation }));
  const models = chosen.map((model) => ({
    name: model.name,
    relation: model.relation,
    kind: model.kind,
    owner: model.owner,
    runbook: model.runbook,
    sources: sources.filter(({ name }) => reads(model).includes(name)).map(({ name }) => name),
    upstream: reads(model).filter((name) => names.has(name)),
    downstream: graph.downstream.get(model.name) ?? [],
    gates: { input: suiteOf(model.gates.input), output: suiteOf(model.gates.output) },
    gateReason: model.gateReason,
  }));
  return { pipeline: request.pipeline, sources, models };
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
