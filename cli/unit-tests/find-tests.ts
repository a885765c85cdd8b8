import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { didYouMean } from '../../expectations/suggestion.ts';
import type { Graph } from '../../models/graph.ts';
import { layers, ModelRefused } from '../../models/model.ts';
import type { Model, ModelProblem } from '../../models/model.ts';
import { parseUnitTests } from '../../models/unit-test.ts';
import type { UnitTest } from '../../models/unit-test.ts';

/** The tests of one model. */
export interface ModelTests {
  readonly model: Model;
  readonly tests: readonly UnitTest[];
}

const ENDING = /\.test\.(ya?ml|json)$/;

/**
 * Reads every file of tests beside the models, in the graph's order.
 *
 * @throws ModelRefused naming file and line of everything that is wrong, a file without a model among them.
 */
export async function findTests(modelsFolder: string, graph: Graph): Promise<readonly ModelTests[]> {
  const problems: ModelProblem[] = [];
  const found = new Map<string, UnitTest[]>();
  for (const layer of layers) {
    const folder = path.join(modelsFolder, layer);
    const names = (await readdir(folder).catch(noneWhenAbsent))
      .filter((name) => ENDING.test(name))
      .toSorted();
    for (const name of names) {
      const file = `${path.basename(modelsFolder)}/${layer}/${name}`;
      const model = graph.byName.get(name.replace(ENDING, ''));
      if (model === undefined || model.layer !== layer || model.kind === 'source') {
        problems.push(strayFile(file, name.replace(ENDING, ''), model, graph));
        continue;
      }
      const read = parseUnitTests(file, await readFile(path.join(folder, name), 'utf8'), model);
      if ('problems' in read) problems.push(...read.problems);
      else found.set(model.name, [...(found.get(model.name) ?? []), ...read.tests]);
    }
  }
  if (problems.length > 0) throw new ModelRefused(problems);
  return graph.models.map((model) => ({ model, tests: found.get(model.name) ?? [] }));
}

function strayFile(file: string, name: string, model: Model | undefined, graph: Graph): ModelProblem {
  if (model?.kind === 'source')
    return {
      file,
      line: 1,
      problem: `${model.name} is a source`,
      mend: 'It has no SELECT to test: its reader has tests.',
    };
  const problem = model === undefined ? `no model is named ${name}` : `${model.file} is of another layer`;
  const near = didYouMean(name, [...graph.byName.keys()]);
  return { file, line: 1, problem, mend: near || 'Put the tests beside their model.' };
}

function noneWhenAbsent(error: unknown): readonly string[] {
  if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return [];
  throw error;
}
