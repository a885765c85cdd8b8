import type { Database } from '../../activities/databases.ts';
import { postgresFault } from '../../activities/postgres-error.ts';
import { markSuperseded } from '../../activities/quarantine/mark-superseded.ts';
import { readGraph } from '../../activities/repository.ts';
import type { Graph } from '../../models/graph.ts';
import { cliFolders, withDatabase } from '../connect.ts';
import { Failure } from '../exit-codes.ts';

const insufficientPrivilege = '42501';
const readOnly = '25006';

/**
 * Runs a verb about the quarantine as the login of the shell itself: who may see whole rows is a matter of grants.
 *
 * @throws Failure (3) where that login may not look.
 */
export async function withQuarantine<T>(
  verb: string,
  work: (database: Database, graph: Graph) => Promise<T>,
): Promise<T> {
  const graph = await readGraph(cliFolders());
  try {
    return await withDatabase(verb, (database) => work(database, graph));
  } catch (error) {
    if (postgresFault(error)?.sqlstate !== insufficientPrivilege) throw error;
    throw new Failure(
      'this login may not look into the quarantine, which holds whole rows. An administrator may let it: grant weir_result_reader to it.',
    );
  }
}

/** Brings the states up to date first, where this login may write; else they are as they were last marked. */
export async function markWhereAllowed(database: Database, graph: Graph): Promise<void> {
  try {
    await markSuperseded(database, graph);
  } catch (error) {
    const state = postgresFault(error)?.sqlstate;
    if (state !== insufficientPrivilege && state !== readOnly) throw error;
  }
}
