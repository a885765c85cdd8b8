import { ApplicationFailure } from '@temporalio/activity';
import { timedDeltas } from '../../models/deltas.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import type { PublishedModel, Schedule } from '../../models/model.ts';
import { planPipeline, PlanRefused } from '../../models/plan.ts';
import type { Database } from '../databases.ts';
import { readValidGraph } from '../published-model.ts';
import type { RepositoryFolders } from '../repository.ts';
import { countRange, modelDurations } from './facts.ts';
import type { ModelDuration, RangeRows } from './facts.ts';
import { countSlots, publishedRange } from './slots.ts';
import type { AskedModel, SlotCounts } from './slots.ts';

/** What to look at before a backfill begins. */
export interface SurveyRequest {
  readonly pipeline: Schedule;
  /** ISO 8601, UTC; null: what schedules missed in the seven days before `now`. */
  readonly range: { readonly from: string; readonly to: string } | null;
  readonly models: readonly string[] | null;
  readonly again: boolean;
  /** ISO 8601. */
  readonly now: string;
}

/** A model that a backfill leaves as it stands. */
export interface LeftModel {
  readonly model: string;
  readonly why: string;
}

/** What a backfill comes to, before it begins. */
export interface Survey extends SlotCounts {
  readonly pipeline: Schedule;
  /** The first interval's beginning and the last one's end; null where schedules have missed nothing. */
  readonly range: { readonly from: string; readonly to: string } | null;
  /** Whether only the slots are asked for that no scheduled run has loaded. */
  readonly missedOnly: boolean;
  readonly models: readonly string[];
  /** Of the pipeline, but with nothing to read by event time. */
  readonly left: readonly LeftModel[];
  /** Landed once, before the first interval. */
  readonly sources: readonly string[];
  readonly rows: readonly RangeRows[];
  readonly durations: readonly ModelDuration[];
  /** Whether on-call has an open incident of a backfill that failed within the range; left out where nobody asked. */
  readonly incidentOpen?: boolean;
}

/** How far back a backfill without a range looks for slots that were missed. */
const MISSED_MS = 7 * 86_400_000;

/**
 * Looks at what a backfill would do; changes nothing.
 *
 * @throws ApplicationFailure `InvalidInput` or `InvalidModel` (neither retryable).
 */
export async function surveyBackfill(
  db: Database,
  folders: RepositoryFolders,
  request: SurveyRequest,
): Promise<Survey> {
  const graph = await readValidGraph(folders);
  const { models, left } = chooseModels(graph, request);
  const names = models.map(({ name }) => name);
  const found = request.range ?? (await missedRange(db, request));
  const { pipeline, again } = request;
  const missedOnly = request.range === null;
  const slots = found === null ? null : { pipeline, ...found, missedOnly, again };
  const counts = slots === null ? { intervals: 0, done: 0 } : await countSlots(db, slots, asked(models));
  const range = missedOnly && counts.intervals === counts.done ? null : found;
  return {
    pipeline,
    range,
    missedOnly,
    ...counts,
    models: names,
    left,
    sources: planPipeline(graph, { pipeline, models: names }).sources.map(({ name }) => name),
    rows: range === null ? [] : await countRange(db, graph, models, { start: range.from, end: range.to }),
    durations: await modelDurations(db, names),
  };
}

async function missedRange(db: Database, { pipeline, now }: SurveyRequest): Promise<Survey['range']> {
  return await publishedRange(db, pipeline, new Date(Date.parse(now) - MISSED_MS).toISOString());
}

/** The models as the ledger knows them. */
function asked(models: readonly PublishedModel[]): readonly AskedModel[] {
  return models.map(({ name, sqlHash }) => ({ name, sqlHash }));
}

/**
 * Models by name, with the SQL that they have now.
 *
 * @throws ApplicationFailure `InvalidInput` or `InvalidModel` (neither retryable).
 */
export async function askedModels(
  folders: RepositoryFolders,
  request: Pick<SurveyRequest, 'pipeline' | 'models'>,
): Promise<readonly AskedModel[]> {
  return asked(chooseModels(await readValidGraph(folders), request).models);
}

function chooseModels(
  graph: Graph,
  { pipeline, models: named }: Pick<SurveyRequest, 'pipeline' | 'models'>,
): { readonly models: readonly PublishedModel[]; readonly left: readonly LeftModel[] } {
  const all = graph.models.filter(isPublished).filter(({ schedule }) => schedule === pipeline);
  refuseStrangers(graph, pipeline, named);
  const chosen = all.filter(({ name }) => named === null || named.includes(name));
  const left = chosen.flatMap((model) => {
    const why = whyLeft(model, graph);
    return why === null ? [] : [{ model: model.name, why }];
  });
  const models = chosen.filter((model) => whyLeft(model, graph) === null);
  const [refused] = left;
  if (refused !== undefined && (named !== null || models.length === 0))
    throw invalid(
      models.length === 0 && named === null
        ? `The ${pipeline} pipeline has nothing to backfill: ${left.map(({ model, why }) => `${model} ${why}`).join('; ')}. \`weir run ${pipeline}\` makes them what their sources say now.`
        : `${refused.model} cannot be backfilled: it ${refused.why}. Leave it out; \`weir run ${pipeline} --models ${refused.model}\` makes it what it should be now.`,
    );
  return { models, left };
}

function whyLeft(model: PublishedModel, graph: Graph): string | null {
  if (model.kind === 'history') return 'is a history, which goes on from now and has no past to read again';
  if (model.shape.kind === 'whole') return 'reads whole relations, so the next run makes it anew';
  return timedDeltas(model, graph).length > 0 ? null : 'reads no delta with a time_column';
}

function refuseStrangers(graph: Graph, pipeline: Schedule, named: readonly string[] | null): void {
  try {
    planPipeline(graph, { pipeline, ...(named === null ? {} : { models: named }) });
  } catch (error) {
    throw error instanceof PlanRefused ? invalid(error.message) : error;
  }
}

function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidInput');
}
