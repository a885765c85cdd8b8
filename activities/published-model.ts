import type { Graph } from '../models/graph.ts';
import type { PublishedModel } from '../models/model.ts';
import { isPublished, ModelRefused } from '../models/model.ts';
import { readGraph } from './repository.ts';
import type { RepositoryFolders } from './repository.ts';
import { invalidModel } from './target.ts';

/** A model that loads publish, and the graph it stands in. */
export interface LoadedModel {
  readonly model: PublishedModel;
  readonly graph: Graph;
}

/**
 * Reads a model that loads publish, as its file is now: a mended file takes effect with the next attempt.
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) when there is none of that name, or the files do not add up
 *   to a graph any more.
 */
export async function readPublishedModel(folders: RepositoryFolders, name: string): Promise<LoadedModel> {
  const graph = await readValidGraph(folders);
  const model = graph.byName.get(name);
  if (model === undefined)
    throw invalidModel(`No file under models/ is named ${name}.sql. Restore it, or abandon the load.`);
  if (!isPublished(model)) throw invalidModel(`${model.file} is a ${model.kind}: nothing is loaded into it.`);
  return { model, graph };
}

/**
 * Reads the graph alone: a suite that breaks in the middle of a run is its gate's business.
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) when the models do not add up to a graph.
 */
export async function readValidGraph(folders: RepositoryFolders): Promise<Graph> {
  return await readGraph(folders).catch((error: unknown) => {
    throw error instanceof ModelRefused ? invalidModel(error.message) : error;
  });
}
