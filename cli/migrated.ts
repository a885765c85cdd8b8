import { sql } from 'kysely';
import type { Database } from '../activities/databases.ts';
import { postgresFault } from '../activities/postgres-error.ts';
import { Failure } from './exit-codes.ts';

/** @throws Failure (3) for a database whose books lack what a plan is read from. */
export async function refuseUnmigrated(database: Database): Promise<void> {
  const { rows } = await sql<{ there: boolean }>`
    select to_regclass('control.model_text') is not null as there`
    .execute(database)
    .catch((error: unknown) => {
      throw postgresFault(error)?.sqlstate.startsWith('28') === true ? unmigrated() : error;
    });
  if (rows[0]?.there !== true) throw unmigrated();
}

function unmigrated(): Failure {
  return new Failure('the database is not what this version needs: `weir migrate` makes it so');
}
