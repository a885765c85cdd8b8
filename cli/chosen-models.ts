import { readGraph } from '../activities/repository.ts';
import { didYouMean } from '../expectations/suggestion.ts';
import { isPublished } from '../models/model.ts';
import { cliFolders, withDatabase } from './connect.ts';
import { Failure } from './exit-codes.ts';
import { changedModels } from './plan/changed.ts';
import { selected, withFiles } from './selecting.ts';

/**
 * The models that `weir run` names with `--models`, or chooses with `--select`: of what that chooses, those that the
 * pipeline publishes.
 *
 * @throws Failure (3) when that is none.
 */
export async function chosenModels({
  pipeline,
  models,
  select,
}: {
  readonly pipeline?: string | undefined;
  readonly models?: string | undefined;
  readonly select?: string | undefined;
}): Promise<{ readonly models?: readonly string[] }> {
  if (models !== undefined && select !== undefined)
    throw new Failure('--models and --select choose the same thing: give one of them');
  if (models !== undefined) return { models: await namedModels(models, pipeline) };
  if (select === undefined) return {};
  const graph = await withFiles(() => readGraph(cliFolders()));
  const changed = await withDatabase('weir run', (database) => changedModels(database, graph));
  const names = selected(graph, select, changed)
    .filter(isPublished)
    .filter(({ schedule }) => schedule === pipeline)
    .map(({ name }) => name);
  if (names.length > 0) return { models: names };
  throw new Failure(`the ${pipeline} pipeline publishes nothing of what --select ${select} chooses`);
}

/**
 * Models by name, separated by commas. Refused here rather than by a run that has begun.
 *
 * @throws Failure (3) for one that the pipeline does not publish, naming what was likely meant.
 */
export async function namedModels(text: string, pipeline: string | undefined): Promise<readonly string[]> {
  const names = text.split(',').map((name) => name.trim());
  const { models } = await withFiles(() => readGraph(cliFolders()));
  const published = models.filter(isPublished).filter(({ schedule }) => schedule === pipeline);
  const known = published.map(({ name }) => name);
  const other = names.find((name) => !known.includes(name));
  if (other === undefined || known.length === 0) return names;
  throw new Failure(`the ${pipeline} pipeline publishes no ${other}. ${didYouMean(other, known)}`.trim());
}
