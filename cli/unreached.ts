import { postgresFault } from '../activities/postgres-error.ts';
import { Failure } from './exit-codes.ts';
import { noTemporal, temporalAddress } from './reach-temporal.ts';

const MIGRATE = 'the database is not what this version needs: `weir migrate` makes it so';

/** Classes and codes of Postgres that say nothing of rows, and what to do about each. */
const MENDS: readonly (readonly [sqlstate: RegExp, mend: string])[] = [
  [
    /^28/,
    'DATABASE_URL has to be the administrator’s, with its password: those of Weir’s logins are derived from it, and `weir migrate` makes them',
  ],
  [/^3D000$/, 'DATABASE_URL names it; `create database` makes it, then `weir migrate` what is in it'],
  [/^(3F000|42P01|42703|42883)$/, MIGRATE],
  [/^(57P0|53300)/, 'try again when it takes connections'],
];

/**
 * What a shell is told of a server that does not answer, or of a database that is not there or not migrated; null for
 * every other error.
 *
 * @param setting the setting that says where the database is.
 */
export function unreached(error: unknown, setting = 'DATABASE_URL'): Failure | null {
  if (!(error instanceof Error)) return null;
  const fault = postgresFault(error);
  if (fault !== null) {
    const mend = MENDS.find(([sqlstate]) => sqlstate.test(fault.sqlstate))?.[1];
    if (mend === undefined) return null;
    return new Failure(
      `${error.message} (SQLSTATE ${fault.sqlstate}): ${mend.replace('DATABASE_URL', setting)}`,
    );
  }
  if (error.message.startsWith('Failed to connect before the deadline')) return noTemporal(temporalAddress());
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code !== 'string' || !/^E(CONN|NOTFOUND|HOSTUNREACH|NETUNREACH|TIMEDOUT|AI_)/.test(code))
    return null;
  return new Failure(
    `nothing answers at ${placeOf(error)} (${code}): is the database running, and does ${setting} say where?`,
  );
}

/** Of a name that stands for several addresses each was tried: the first one is as good as any. */
function placeOf(error: Error): string {
  const tried: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(tried instanceof Error)) return 'the database';
  const [host, port] = ['address', 'port'].map((name): unknown => Reflect.get(tried, name));
  const name: unknown = Reflect.get(tried, 'hostname');
  if (typeof host === 'string') return `${host}:${String(port)}`;
  return typeof name === 'string' ? name : 'the database';
}
