import { ApplicationFailure } from '@temporalio/activity';
import type { Graph } from '../models/graph.ts';
import { ModelRefused } from '../models/model.ts';
import type { Model } from '../models/model.ts';
import { SelectionRefused, selectModels } from '../models/select.ts';
import { SuiteRefused } from '../expectations/suite.ts';
import { Failure } from './exit-codes.ts';

/** What `--select` says of itself, the same for every verb. */
export const selectArg = {
  type: 'string',
  description:
    'name, +name (and what it reads), name+ (and what depends on it), layer:gold, kind:…, owner:…, schedule:…, changed; spaces unite, commas intersect',
} as const;

/**
 * The models that a selection names, all where there is none.
 *
 * @throws Failure (3) naming what was likely meant.
 */
export function selected(
  graph: Graph,
  text: string | undefined,
  changed: ReadonlySet<string> = new Set(),
): readonly Model[] {
  if (text === undefined) return graph.models;
  try {
    return selectModels({ graph, changed }, text);
  } catch (error) {
    if (error instanceof SelectionRefused) throw new Failure(error.message);
    throw error;
  }
}

/** Files that cannot be used, and models that Postgres refuses, as a shell is told of them: everything with its place. */
export async function withFiles<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ModelRefused || error instanceof SuiteRefused) throw new Failure(error.message);
    if (error instanceof ApplicationFailure) throw new Failure(error.message);
    throw error;
  }
}
