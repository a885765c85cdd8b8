import { sql } from 'kysely';
import { openDatabase } from '../../workers/databases.ts';
import { freshDatabase } from '../steps/site.ts';

export { freshDatabase };

/** The database of a cluster that an earlier run has filled, all of it and less than a day ago; null where there is none. */
export async function databaseUrl(clusterUrl: string, name: string): Promise<string | null> {
  const url = new URL(clusterUrl);
  const isThere = await asked(
    clusterUrl,
    sql<{ yes: boolean }>`
    select exists (select from pg_database where datname = ${name}) as yes`,
  );
  if (!isThere) return null;
  url.pathname = `/${name}`;
  // The filling's own schema goes last.
  const isWhole = await asked(
    url.href,
    sql<{ yes: boolean }>`
    select to_regnamespace('bench') is null and exists (
      select from control.gate_run where evaluated_at > now() - interval '1 day') as yes`,
  ).catch(() => false);
  return isWhole ? url.href : null;
}

/** A year takes 8 GB: it goes unless somebody wants it again. */
export async function dropDatabase(clusterUrl: string, name: string): Promise<void> {
  const database = openDatabase(clusterUrl, 'weir bench', 1);
  try {
    await sql`drop database if exists ${sql.id(name)} with (force)`.execute(database);
  } finally {
    await database.destroy();
  }
}

async function asked(url: string, question: ReturnType<typeof sql<{ yes: boolean }>>): Promise<boolean> {
  const database = openDatabase(url, 'weir bench', 1);
  try {
    return (await question.execute(database)).rows[0]?.yes === true;
  } finally {
    await database.destroy();
  }
}
