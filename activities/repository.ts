import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
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

interface Kept<Value> {
  readonly stamp: string;
  readonly value: Promise<Value>;
}

const graphs = new Map<string, Kept<Graph>>();
const suiteSets = new Map<string, Kept<Repository['suites']>>();
const modelFiles = new WeakMap<Model, string>();

/** The text of a model's file as it was read, header and SELECT; null of a model that was not read from one. */
export function modelFileText(model: Model): string | null {
  return modelFiles.get(model) ?? null;
}

/**
 * Reads all models and suites. What has been read is kept until a file comes, goes or changes its size or time, so that
 * a new file needs no restart and asking costs some `stat`s.
 *
 * @throws ModelRefused with every problem of every model, a gate whose suite does not exist among them.
 * @throws SuiteRefused with every problem of every suite.
 */
export async function readRepository(folders: RepositoryFolders): Promise<Repository> {
  const [graph, suites] = await Promise.all([readGraph(folders), readSuites(folders)]);
  const problems = graph.models.flatMap((model) => missingSuites(model, suites));
  if (problems.length > 0) throw new ModelRefused(problems);
  return { models: graph.models, graph, suites };
}

/**
 * Reads all models and no suite, for stations that ask nothing of suites: a broken one is its gate's business.
 *
 * @throws ModelRefused with every problem of every model.
 */
export async function readGraph({ modelsFolder }: Pick<RepositoryFolders, 'modelsFolder'>): Promise<Graph> {
  const files = layers.flatMap((layer) =>
    list(join(modelsFolder, layer), `${basename(modelsFolder)}/${layer}`, '.sql'),
  );
  return keep(graphs, modelsFolder, files, async (models) => buildGraph(await parseModels(models)));
}

/** Reads all suites and no model. @throws SuiteRefused with every problem of every suite. */
export async function readSuites({
  suitesFolder,
}: Pick<RepositoryFolders, 'suitesFolder'>): Promise<Repository['suites']> {
  const files = list(suitesFolder, `expectations/${basename(suitesFolder)}`, '.json');
  return keep(suiteSets, suitesFolder, files, parseSuites);
}

function keep<Value>(
  cache: Map<string, Kept<Value>>,
  folder: string,
  files: readonly Listed[],
  read: (files: readonly Listed[]) => Promise<Value>,
): Promise<Value> {
  const stamp = files.map((one) => one.stamp).join('\n');
  const kept = cache.get(folder);
  if (kept?.stamp === stamp) return kept.value;
  const value = read(files);
  cache.set(folder, { stamp, value });
  // A disk that failed once may answer the next time, and no file has changed by then.
  value.catch(() => cache.delete(folder));
  return value;
}

/**
 * A folder's files, by name. One that is not there has none: not every layer needs models.
 *
 * Asked at once, not by promises: every station looks, and some fifty files on a local disk take a fraction of a
 * millisecond so, but four times the processor's time by way of Node's threads.
 */
function list(folder: string, shown: string, extension: string): readonly Listed[] {
  return namesIn(folder)
    .filter((name) => name.endsWith(extension) && !name.startsWith('.'))
    .toSorted()
    .map((name) => {
      const path = join(folder, name);
      const { size, mtimeMs, ino } = statSync(path);
      return { path, file: `${shown}/${name}`, stamp: `${path} ${size} ${mtimeMs} ${ino}` };
    });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return [];
    throw error;
  }
}

async function parseModels(files: readonly Listed[]): Promise<readonly Model[]> {
  const problems: ModelProblem[] = [];
  const models = await Promise.all(
    files.map(async ({ path, file }) => {
      try {
        const text = await readFile(path, 'utf8');
        const model = await parseModel(file, text);
        modelFiles.set(model, text);
        return [model];
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

async function parseSuites(files: readonly Listed[]): Promise<ReadonlyMap<string, Suite>> {
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
  return (['input', 'output'] as const).flatMap((gate) => {
    const suite = model.gates[gate]?.suite;
    if (suite === undefined || suites.has(suite)) return [];
    const mend = `Write expectations/suites/${suite}.json, or name one of ${[...suites.keys()].join(', ')}.`;
    return [{ file: model.file, line: model.lines[gate], problem: `suite ${suite} does not exist`, mend }];
  });
}
