import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { checkGateSuite } from '../expectations/gate-suite.ts';
import { checkParameters } from '../expectations/parameters.ts';
import { SuiteRefused } from '../expectations/suite.ts';
import type { Suite } from '../expectations/suite.ts';
import type { Graph } from '../models/graph.ts';
import { builtText } from '../models/built-text.ts';
import { isPublished, isSource, ModelRefused } from '../models/model.ts';
import type { GateHeader, Model } from '../models/model.ts';
import { PlanRefused, planPipeline } from '../models/plan.ts';
import type { LocalSlot, Plan, PlannedWalk, PlanRequest } from '../models/plan.ts';
import type { Database, Databases } from './databases.ts';
import { findReader } from './extract/find-reader.ts';
import { localSlots } from './local-slot.ts';
import { isTimeZone } from './local-time.ts';
import { missedBefore, type ScheduleBook } from './missed-slots.ts';
import { withHeartbeat } from './heartbeat.ts';
import { runDedupKey } from './page/dedup-key.ts';
import { isIncidentOpen } from './page/incident-row.ts';
import { passedBy, slotAgain } from './slot-turn.ts';
import { readRepository } from './repository.ts';
import type { Repository, RepositoryFolders } from './repository.ts';

export interface PlanDeps {
  readonly databases: Databases;
  /** Names this installation in dedup keys. */
  readonly environment: string;
  readonly folders: RepositoryFolders;
  /** What schedules name; left out where nothing runs by schedules, and no slot can be missed. */
  readonly schedules?: ScheduleBook;
}

/**
 * Makes the activity that says what a run does, and refuses everything that is wrong with the files before anything
 * loads: headers, SELECTs, the graph, suites and their parameters, readers and their settings.
 */
export function createPlan(deps: PlanDeps) {
  return {
    /**
     * @throws ApplicationFailure `InvalidModel`, `InvalidSuite` or `InvalidInput` (none retryable), naming file and line,
     *   or file and JSON pointer.
     */
    plan: (request: PlanRequest): Promise<Plan> =>
      withHeartbeat(() => plan(deps, request)).catch((error: unknown) => {
        throw refusal(error);
      }),
  };
}

async function plan(
  { databases, environment, folders, schedules }: PlanDeps,
  request: PlanRequest,
): Promise<Plan> {
  const local = localOf(request);
  const slot = request.slot && local?.slot ? { ...request.slot, ...local.slot } : request.slot;
  const repository = await readRepository(folders);
  const planned = planPipeline(repository.graph, await namedModels(databases.loader, request));
  const read = [...planned.sources, ...planned.models].flatMap(
    ({ name }) => repository.graph.byName.get(name) ?? [],
  );
  checkGates(read, repository.suites);
  await checkReaders(read);
  await noteTexts(databases.loader, read);
  const again = await slotAgain(databases.loader, request.pipeline, slot);
  const passed = await passedBy(databases.loader, request.pipeline, slot);
  if (passed !== null) return passedPlan(repository, planned, passed);
  const readsArrived = request.byTime !== true && request.replay === undefined && again === null;
  return {
    ...planned,
    planHash: hashOf(repository, planned),
    slotAgain: again,
    ...(local === undefined ? {} : { local }),
    ...(await missedBefore(databases.loader, schedules, request, slot)),
    incidentOpen:
      readsArrived && (await isIncidentOpen(databases.loader, runDedupKey(environment, request.pipeline))),
  };
}

/**
 * A replay runs the model whose load it reads again.
 *
 * @throws PlanRefused where there is no such load, or it is of other models than those that were named.
 */
async function namedModels(db: Database, request: PlanRequest): Promise<PlanRequest> {
  const { replay, models, pipeline } = request;
  if (replay === undefined) return request;
  const row = await db
    .selectFrom('control.load')
    .select(['model', 'pipeline'])
    .where('load_id', '=', replay)
    .executeTakeFirst();
  if (row === undefined) throw new PlanRefused(`The ledger has no load ${replay} to replay.`);
  if (models !== undefined && models.join() !== row.model)
    throw new PlanRefused(
      `Load ${replay} is of ${row.model}: a replay runs that model alone, so leave models out.`,
    );
  if (row.pipeline !== pipeline)
    throw new PlanRefused(
      `Load ${replay} of ${row.model} is of the ${row.pipeline} pipeline, this is ${pipeline}.`,
    );
  return { ...request, models: [row.model] };
}

/**
 * What a run in a zone of its own is about, worked out here: in a workflow, another Node's time zones would not replay.
 *
 * @throws PlanRefused where there is no such zone.
 */
function localOf({ pipeline, local, slot }: PlanRequest): LocalSlot | undefined {
  if (local === undefined) return undefined;
  const { timeZone, asOf } = local;
  if (!isTimeZone(timeZone))
    throw new PlanRefused(
      `timeZone ${timeZone} is none that this worker's Node knows; name one as the IANA database does, like America/New_York.`,
    );
  const slotAt = localSlots(timeZone, pipeline);
  const scheduledAt = slot?.scheduledAt;
  return {
    interval: slotAt(new Date(asOf)),
    slot: scheduledAt === undefined ? null : slotAt(new Date(scheduledAt)),
  };
}

/** Keeps what the models say that a run may publish, so that a later change can be shown beside it. */
async function noteTexts(db: Database, models: readonly Model[]): Promise<void> {
  const texts = models
    .filter(isPublished)
    .map((model) => ({ model: model.name, sql_hash: model.sqlHash, text: builtText(model) }));
  if (texts.length === 0) return;
  await db
    .insertInto('control.model_text')
    .values(texts)
    .onConflict((row) => row.doNothing())
    .execute();
}

/** Every run parses all suites; of what it runs the parameters have to be bound too, and a critical one owned. */
export function checkGates(models: readonly Model[], suites: Repository['suites']): void {
  const problems = models.flatMap((model) =>
    gatesOf([model]).flatMap(({ suite, parameters }) => {
      const found = suites.get(suite);
      if (found === undefined) return [];
      return [...checkParameters(found, Object.keys(parameters)), ...checkGateSuite(found, model.file)];
    }),
  );
  if (problems.length > 0) throw new SuiteRefused(problems);
}

/** @throws ModelRefused where a source's reader does not exist, or does not take its settings. */
export async function checkReaders(models: readonly Model[]): Promise<void> {
  const problems = await Promise.all(
    models.filter(isSource).map(async (source) => {
      const found = await findReader(source);
      const line = found.reader === null ? source.lines.reader : source.lines.settings;
      return found.problems.map((problem) => ({ file: source.file, line, ...problem }));
    }),
  );
  if (problems.flat().length > 0) throw new ModelRefused(problems.flat());
}

function gatesOf(models: readonly Model[]): readonly GateHeader[] {
  return models
    .filter(isPublished)
    .flatMap(({ gates }) => [gates.input, gates.output].filter((gate) => gate !== null));
}

/** The plan of a run that has nothing to do: a later one reads what arrived. It answers for no earlier failure. */
function passedPlan(repository: Repository, { pipeline }: PlannedWalk, by: string): Plan {
  const nothing: PlannedWalk = { pipeline, sources: [], models: [] };
  return { ...nothing, planHash: hashOf(repository, nothing), passedBy: by, incidentOpen: false };
}

/** Names what a run is made of: two runs of one hash do the same. */
function hashOf(
  { graph, suites }: { readonly graph: Graph; readonly suites: ReadonlyMap<string, Suite> },
  planned: PlannedWalk,
): string {
  const models = planned.models.flatMap(({ name }) => graph.byName.get(name) ?? []);
  const content = [
    planned,
    models.map((model) => [model.sqlHash, isPublished(model) ? model.maxShrink : null]),
    gatesOf(models).map((gate) => [gate, suites.get(gate.suite)?.text ?? null]),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** What the run is told; other errors come as they are, to be retried. */
function refusal(error: unknown): unknown {
  if (error instanceof ModelRefused) return ApplicationFailure.nonRetryable(error.message, 'InvalidModel');
  if (error instanceof SuiteRefused) return ApplicationFailure.nonRetryable(error.message, 'InvalidSuite');
  if (error instanceof PlanRefused) return ApplicationFailure.nonRetryable(error.message, 'InvalidInput');
  return error;
}
