import { askPostgres, codeOf, reasonOf } from './ask-postgres.ts';
import { broken, ok, skipped, type Check, type Finding } from './check.ts';

const LEAST = 18;

/** Whether Postgres answers, is new enough, and may be written to. */
export const postgres: Check = {
  name: 'postgres',
  run: async ({ databaseUrl }) =>
    databaseUrl === null ? skipped('DATABASE_URL') : [await look(databaseUrl)],
};

interface Answer {
  readonly version: string;
  readonly number: number;
  readonly standby: boolean;
  readonly database: string;
}

async function look(url: string): Promise<Finding> {
  const place = `${new URL(url).host}${new URL(url).pathname}`;
  try {
    const { version, number, standby, database } = await askPostgres<Answer>(url, QUESTION);
    if (number < LEAST * 10_000)
      return broken(
        `Postgres ${version} at ${place}, and Weir needs ${LEAST} or later`,
        `upgrade the server to Postgres ${LEAST}: MERGE … RETURNING old, new`,
      );
    if (standby)
      return broken(
        `${place} is a standby: its snapshots do not know who is in flight`,
        'point DATABASE_URL at the primary',
      );
    return ok(`Postgres ${version}, database ${database}`);
  } catch (error) {
    return broken(`${place}: ${reasonOf(error)}`, mendOf(error));
  }
}

const QUESTION = `
  select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
    pg_is_in_recovery() as standby, current_database() as database`;

function mendOf(error: unknown): string {
  const code = codeOf(error);
  if (code === '3D000') return 'create database …, then `weir migrate`; or name another in DATABASE_URL';
  if (code?.startsWith('28') === true)
    return 'give the administrator’s user and password in DATABASE_URL, and let pg_hba.conf admit it';
  return 'start the database, or point DATABASE_URL at it';
}
