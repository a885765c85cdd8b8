import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectationTypes } from '../../expectations/registry.gen.ts';
import type { Database } from '../../activities/databases.ts';
import type { Repository } from '../../activities/repository.ts';
import { openExport } from './export-folder.ts';
import { resultFile } from './export-result.ts';
import { projectText, PLUGIN } from './project-text.ts';
import { countResults, readResults, type ResultFilter } from './read-results.ts';
import { PROJECT, suitePath } from './store-paths.ts';
import { suiteJson } from './suite-json.ts';

/** What is exported, and where to. */
export interface ExportOptions extends ResultFilter {
  /** On a login that may read results. */
  readonly database: Database;
  readonly repository: Repository;
  /** Absolute. It need not be there. */
  readonly folder: string;
  /** Whether values of rows stay in the results. */
  readonly values: boolean;
}

/** What was written. */
export interface Exported {
  readonly folder: string;
  readonly suites: number;
  readonly results: number;
  /** Results that were left out as there are more than the limit. */
  readonly leftOut: number;
  /** Files of an earlier export that are gone now. */
  readonly removed: number;
  /** Whether values of rows are in it. */
  readonly values: boolean;
}

/**
 * Writes suites and results as a project of Great Expectations, whose own data docs open them. What an earlier export
 * wrote there and this one does not is removed, so that nothing is kept for longer than its result.
 *
 * @throws NotAnExport where the folder has a project of somebody else's.
 */
export async function exportDocs(options: ExportOptions): Promise<Exported> {
  const { folder, repository, database, suite, values } = options;
  const store = await openExport(folder, values);
  await writeProject(store.writeFixed);
  const suites = [...repository.suites].filter(([name]) => suite === null || name === suite);
  for (const [name, read] of suites)
    await store.write({
      path: suitePath(name),
      text: `${JSON.stringify(suiteJson(name, read), null, 2)}\n`,
    });
  let results = 0;
  for await (const kept of readResults(database, options)) {
    await store.write(resultFile(kept, repository, values));
    results += 1;
  }
  const removed = await store.finish();
  const there = results < options.limit ? results : await countResults(database, options);
  return { folder, suites: suites.length, results, leftOut: Math.max(0, there - results), removed, values };
}

/** What makes a folder a project, and the module that shows promises of Weir's own types. */
async function writeProject(write: (path: string, text: string) => Promise<void>): Promise<void> {
  const words = Object.entries(expectationTypes).map(([type, { docs }]) => [type, docs.promise]);
  const module = await readFile(join(import.meta.dirname, `${PLUGIN}.py`), 'utf8');
  await write(`${PROJECT}/great_expectations.yml`, projectText());
  await write(`${PROJECT}/.gitignore`, 'uncommitted/\n');
  await write(`${PROJECT}/plugins/${PLUGIN}.py`, module);
  await write(
    `${PROJECT}/plugins/weir_types.json`,
    `${JSON.stringify(Object.fromEntries(words), null, 1)}\n`,
  );
}
