import { randomBytes } from 'node:crypto';
import { defineCommand } from 'citty';
import type { Database, DatabaseTransaction } from '../activities/databases.ts';
import { readGraph } from '../activities/repository.ts';
import type { Graph } from '../models/graph.ts';
import { upstreamOf } from '../models/select.ts';
import { openDatabase } from '../workers/databases.ts';
import { answer } from './answer.ts';
import { cliDatabaseUrl, cliFolders } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { changedModels } from './plan/changed.ts';
import { selectArg, selected, withFiles } from './selecting.ts';
import { findTests } from './unit-tests/find-tests.ts';
import type { ModelTests } from './unit-tests/find-tests.ts';
import { createRelations } from './unit-tests/relations.ts';
import type { TestSchemas } from './unit-tests/relations.ts';
import { runTest } from './unit-tests/run-test.ts';
import type { TestResult } from './unit-tests/run-test.ts';
import { testsText } from './unit-tests/text.ts';

/** `weir test`: given rows in, expected rows out, for the models that have such tests beside them. */
export default defineCommand({
  meta: {
    name: 'test',
    description:
      'Run the tests of models: rows given, rows expected, in models/<layer>/<name>.test.yaml. Nothing it does stays in the database. Example: weir test stg_transactions Exit codes: 0 all passed, 1 one failed, 3 could not run.',
  },
  args: {
    model: {
      type: 'positional',
      required: false,
      description: 'a model, or a selection as --select takes it',
    },
    select: selectArg,
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const selection = [args.model, args.select].filter((one) => one !== undefined).join(' ');
    const { results, untested } = await withFiles(() => test(selection === '' ? undefined : selection));
    answer(args.json, results.map(jsonOf), () => testsText(results, untested));
    return results.every(({ passed }) => passed) ? exitCodes.done : exitCodes.gateFailed;
  }),
});

/** Runs the tests of a selection; of a published model or view that has none, its name. */
async function test(
  selection: string | undefined,
): Promise<{ readonly results: readonly TestResult[]; readonly untested: readonly string[] }> {
  const folders = cliFolders();
  const graph = await readGraph(folders);
  const database = openDatabase(cliDatabaseUrl(), 'weir test', 1);
  try {
    const models = new Set(selected(graph, selection, await changedModels(database, graph)));
    const chosen = (await findTests(folders.modelsFolder, graph)).filter(
      ({ model }) => models.has(model) && model.kind !== 'source',
    );
    const tested = chosen.filter(({ tests }) => tests.length > 0);
    const untested = chosen.filter(({ tests }) => tests.length === 0).map(({ model }) => model.name);
    if (tested.length === 0) throw nothingToTest(chosen);
    return { results: await inTransaction(database, (trx) => runTests(trx, graph, tested)), untested };
  } finally {
    await database.destroy();
  }
}

function nothingToTest([first]: readonly ModelTests[]): Failure {
  const mend =
    first === undefined
      ? 'Select models that have a SELECT.'
      : `Write ${first.model.file.replace(/\.sql$/, '.test.yaml')}.`;
  return new Failure(`nothing that was selected has tests. ${mend}`);
}

async function runTests(
  trx: DatabaseTransaction,
  graph: Graph,
  tested: readonly ModelTests[],
): Promise<readonly TestResult[]> {
  const name = `weir_test_${randomBytes(4).toString('hex')}`;
  const schemas: TestSchemas = { whole: name, delta: `${name}_delta`, touched: `${name}_touched` };
  const names = new Set(tested.flatMap(({ model }) => [model.name, ...upstreamOf(graph, model.name)]));
  const needed = graph.models.filter((model) => names.has(model.name));
  await createRelations(trx, schemas, needed);
  const results: TestResult[] = [];
  for (const { model, tests } of tested) {
    if (model.kind === 'source') continue;
    for (const one of tests) results.push(await runTest(trx, schemas, model, one));
  }
  return results;
}

/** Rolled back whatever comes of it. */
async function inTransaction<T>(
  database: Database,
  work: (trx: DatabaseTransaction) => Promise<T>,
): Promise<T> {
  const trx = await database.startTransaction().execute();
  try {
    return await work(trx);
  } finally {
    await trx.rollback().execute();
  }
}

function jsonOf({ model, test, passed, error, differences }: TestResult): object {
  const { name, file, line } = test;
  return { model, name, file, line, passed, error, differences };
}
