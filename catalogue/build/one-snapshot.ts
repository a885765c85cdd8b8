import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';

/**
 * Runs work on several connections that all see the database as it was at one moment, so that whatever one page links
 * to another one shows.
 *
 * @param connections how many, 1 or more; the pool has to have as many.
 * @see https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
 */
export async function onOneSnapshot<T>(
  database: Database,
  connections: number,
  work: (databases: readonly Database[]) => Promise<T>,
): Promise<T> {
  return await reading(database).execute(async (first) => {
    const { rows } = await sql<{ snapshot: string }>`select pg_export_snapshot() as snapshot`.execute(first);
    const snapshot = rows[0]?.snapshot ?? '';
    const withMore = async (all: readonly Database[]): Promise<T> => {
      if (all.length >= connections) return await work(all);
      return await reading(database).execute(async (next) => {
        // oxlint-disable-next-line no-restricted-properties -- This command takes no bound value; the text is Postgres's own.
        await sql`set transaction snapshot ${sql.lit(snapshot)}`.execute(next);
        return await withMore([...all, next]);
      });
    };
    return await withMore([first]);
  });
}

function reading(database: Database) {
  return database.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
}
