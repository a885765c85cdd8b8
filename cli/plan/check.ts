import { readGraph, readRepository, readSuites } from '../../activities/repository.ts';
import type { Repository, RepositoryFolders } from '../../activities/repository.ts';
import { checkGates, checkReaders } from '../../activities/plan.ts';
import { SuiteRefused } from '../../expectations/suite.ts';
import { ModelRefused } from '../../models/model.ts';
import { Failure } from '../exit-codes.ts';
import { findTests } from '../unit-tests/find-tests.ts';

/**
 * Reads everything that a run reads of the files, and the models' tests.
 *
 * @throws Failure (3) with all that is wrong, each with file and line or JSON pointer: what is wrong with models hides
 *   nothing that is wrong with suites.
 */
export async function readChecked(folders: RepositoryFolders): Promise<Repository> {
  const files = [readGraph(folders), readSuites(folders)] as const;
  refuse(await Promise.allSettled(files));
  const repository = await readRepository(folders).catch((error: unknown) => {
    throw refusalOf(error) === null ? error : new Failure(refusalOf(error) ?? '');
  });
  const { models, graph, suites } = repository;
  refuse(
    await Promise.allSettled([
      Promise.resolve().then(() => checkGates(models, suites)),
      checkReaders(models),
      findTests(folders.modelsFolder, graph),
    ]),
  );
  return repository;
}

function refuse(read: readonly PromiseSettledResult<unknown>[]): void {
  const reasons = read.flatMap((one) => {
    if (one.status === 'fulfilled') return [];
    const refusal = refusalOf(one.reason);
    if (refusal === null) throw one.reason;
    return [refusal];
  });
  if (reasons.length > 0) throw new Failure(reasons.join('\n'));
}

function refusalOf(error: unknown): string | null {
  return error instanceof ModelRefused || error instanceof SuiteRefused ? error.message : null;
}
