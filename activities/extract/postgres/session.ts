import { sql } from 'kysely';
import { cancelWith } from '../../cancel-query.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import type { Extraction } from '../reader.ts';
import { postgresSettings } from './settings.ts';

/**
 * What every look at a source sets: one text for one value, whatever the server's own settings are, and an end to what
 * takes too long.
 */
const session = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  statement_timeout: '10min',
  lock_timeout: '10s',
  search_path: 'pg_catalog',
} as const;

/** Reads a source's database: one snapshot, in a transaction that may only read. */
export async function readAtSource<T>(
  { source, connection, signal }: Pick<Extraction, 'source' | 'connection' | 'signal'>,
  work: (there: DatabaseTransaction) => Promise<T>,
): Promise<T> {
  const pool = connection(postgresSettings(source).connection);
  return pool
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (there) => {
      const settings = Object.entries(session).map(
        ([name, value]) => sql`set_config(${name}, ${value}, true)`,
      );
      await sql`select ${sql.join(settings)}`.execute(there);
      return cancelWith(signal, pool, there, () => work(there));
    });
}

/**
 * The transaction that lands what a source has, and moves what remembers how far it was read. One at a time for a
 * source: whoever comes second waits, and then finds less to do.
 */
export async function landFromSource<T>(
  { source, loader, signal }: Pick<Extraction, 'source' | 'loader' | 'signal'>,
  work: (here: DatabaseTransaction) => Promise<T>,
): Promise<T> {
  return loader.transaction().execute((here) =>
    cancelWith(signal, loader, here, async () => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`weir.extract ${source.name}`}, 0))`.execute(
        here,
      );
      return work(here);
    }),
  );
}
