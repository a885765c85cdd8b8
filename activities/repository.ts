import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseSuite, SuiteRefused } from '../expectations/suite.ts';
import type { Suite, SuiteProblem } from '../expectations/suite.ts';
import { buildGraph } from '../models/graph.ts';
import type { Graph } from '../models/graph.ts';
import { isPublished, layers, ModelRefused } from '../models/model.ts';
import type { Model, ModelProblem } from '../models/model.ts';
import { parseModel } from '../models/parse.ts';

/** Where the models and the suites are, as absolute paths. */
export interface RepositoryFolders {
  readonly modelsFolder: string;
  readonly suitesFolder: string;
}

/** Every model and suite, read and checked. */
export interface Repository {
  /** In dependency order. */
  readonly models: readonly Model[];
  readonly graph: Graph;
  /** By file name without `.json`. */
  readonly suites: ReadonlyMap<string, Suite>;
}

interface Listed {
  /** Where it is. */
  readonly path: string;
  /** As people find it: `models/silver/stg_transactions.sql`. */
  readonly file: string;
  readonly stamp: string;
}

const cache = new Map<string, { readonly stamp: string; readonly repository: Promise<Repository> }>();

/**
 * Reads all models and suites. What has been read is kept until a file comes, goes or changes its size or time, so that
 * a new file needs no restart and asking costs some `stat`s.
 *
 * @throws ModelRefused with every problem of every model, a gate whose suite does not exist among them.
 * @throws SuiteRefused with every problem of every suite.
 */
export async function readRepository(folders: RepositoryFolders): Promise<Repository> {
  const [models, suites] = await Promise.all([
    Promise.all(
      layers.map((layer) =>
        list(join(folders.modelsFolder, layer), `${basename(folders.modelsFolder)}/${layer}`, '.sql'),
      ),
    ),
    list(folders.suitesFolder, `expectations/${basename(folders.suitesFolder)}`, '.json'),
  ]);
  const files = [...models.flat(), ...suites];
  const stamp = files.map((one) => one.stamp).join('\n');
  const key = JSON.stringify([folders.modelsFolder, folders.suitesFolder]);
  const kept = cache.get(key);
  if (kept?.stamp === stamp) return kept.repository;
  const repository = read(models.flat(), suites);
  cache.set(key, { stamp, repository });
  return repository;
}

/** A folder's files, by name. One that is not there has none: not every layer needs models. */
async function list(folder: string, shown: string, extension: string): Promise<readonly Listed[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return [];
    throw error;
  });
  const wanted = names.filter((name) => name.endsWith(extension) && !name.startsWith('.')).toSorted();
  return Promise.all(
    wanted.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs, ino } = await stat(path);
      return { path, file: `${shown}/${name}`, stamp: `${path} ${size} ${mtimeMs} ${ino}` };
    }),
  );
}

async function read(modelFiles: readonly Listed[], suiteFiles: readonly Listed[]): Promise<Repository> {
  const [models, suites] = await Promise.all([readModels(modelFiles), readSuites(suiteFiles)]);
  const problems = models.flatMap((model) => missingSuites(model, suites));
  if (problems.length > 0) throw new ModelRefused(problems);
  const graph = buildGraph(models);
  return { models: graph.models, graph, suites };
}

async function readModels(files: readonly Listed[]): Promise<readonly Model[]> {
  const problems: ModelProblem[] = [];
  const models = await Promise.all(
    files.map(async ({ path, file }) => {
      try {
        return [await parseModel(file, await readFile(path, 'utf8'))];
      } catch (error) {
        if (!(error instanceof ModelRefused)) throw error;
        problems.push(...error.problems);
        return [];
      }
    }),
  );
  if (problems.length > 0) throw new ModelRefused(problems);
  return models.flat();
}

async function readSuites(files: readonly Listed[]): Promise<ReadonlyMap<string, Suite>> {
  const problems: SuiteProblem[] = [];
  const suites = new Map<string, Suite>();
  const texts = await Promise.all(
    files.map(async ({ path, file }) => ({ file, text: await readFile(path, 'utf8') })),
  );
  for (const { file, text } of texts) {
    try {
      suites.set(basename(file, '.json'), parseSuite(file, text));
    } catch (error) {
      if (!(error instanceof SuiteRefused)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new SuiteRefused(problems);
  return suites;
}

function missingSuites(model: Model, suites: ReadonlyMap<string, Suite>): readonly ModelProblem[] {
  if (!isPublished(model)) return [];
  return [model.gates.input, model.gates.output]
    .filter((gate) => gate !== null)
    .filter(({ suite }) => !suites.has(suite))
    .map(({ suite }) => ({
      file: model.file,
      line: 1,
      problem: `suite ${suite} does not exist`,
      mend: `Write expectations/suites/${suite}.json, or name one of ${[...suites.keys()].join(', ')}.`,
    }));
}
