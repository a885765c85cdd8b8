import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { checkGateSuite } from '../expectations/gate-suite.ts';
import { checkParameters } from '../expectations/parameters.ts';
import { SuiteRefused } from '../expectations/suite.ts';
import type { Suite } from '../expectations/suite.ts';
import type { Graph } from '../models/graph.ts';
import { isPublished, isSource, ModelRefused } from '../models/model.ts';
import type { GateHeader, Model } from '../models/model.ts';
import { PlanRefused, planPipeline } from '../models/plan.ts';
import type { Plan, PlanRequest } from '../models/plan.ts';
import type { Database, Databases } from './databases.ts';
import { findReader } from './extract/find-reader.ts';
import { runDedupKey } from './page/dedup-key.ts';
import { readRepository } from './repository.ts';
import type { Repository, RepositoryFolders } from './repository.ts';

export interface PlanDeps {
  readonly databases: Databases;
  /** Names this installation in dedup keys. */
  readonly environment: string;
  readonly folders: RepositoryFolders;
}

/**
 * Makes the activity that says what a run does, and refuses everything that is wrong with the files before anything
 * loads: headers, SELECTs, the graph, suites and their parameters, readers and their settings.
 */
export function createPlan({ databases, environment, folders }: PlanDeps) {
  return {
    /**
     * @throws ApplicationFailure `InvalidModel`, `InvalidSuite` or `InvalidInput` (none retryable), naming file and line,
     *   or file and JSON pointer.
     */
    plan: async (request: PlanRequest): Promise<Plan> => {
      try {
        const repository = await readRepository(folders);
        const planned = planPipeline(repository.graph, request);
        const read = [...planned.sources, ...planned.models].flatMap(
          ({ name }) => repository.graph.byName.get(name) ?? [],
        );
        checkGates(read, repository.suites);
        await checkReaders(read);
        return {
          ...planned,
          planHash: hashOf(repository, planned),
          incidentOpen: await isRunIncidentOpen(databases.loader, runDedupKey(environment, request.pipeline)),
        };
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

async function isRunIncidentOpen(db: Database, dedupKey: string): Promise<boolean> {
  const row = await db
    .selectFrom('control.incident')
    .select('state')
    .where('dedup_key', '=', dedupKey)
    .executeTakeFirst();
  return row?.state === 'open';
}

/** Every run parses all suites; of what it runs the parameters have to be bound too, and a critical one owned. */
function checkGates(models: readonly Model[], suites: Repository['suites']): void {
  const problems = models.flatMap((model) =>
    gatesOf([model]).flatMap(({ suite, parameters }) => {
      const found = suites.get(suite);
      if (found === undefined) return [];
      return [...checkParameters(found, Object.keys(parameters)), ...checkGateSuite(found, model.file)];
    }),
  );
  if (problems.length > 0) throw new SuiteRefused(problems);
}

async function checkReaders(models: readonly Model[]): Promise<void> {
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

/** Names what a run is made of: two runs of one hash do the same. */
function hashOf(
  { graph, suites }: { readonly graph: Graph; readonly suites: ReadonlyMap<string, Suite> },
  planned: Omit<Plan, 'planHash' | 'incidentOpen'>,
): string {
  const models = planned.models.flatMap(({ name }) => graph.byName.get(name) ?? []);
  const content = [
    planned,
    models.map(({ sqlHash }) => sqlHash),
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
