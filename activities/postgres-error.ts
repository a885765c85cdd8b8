import { ApplicationFailure } from '@temporalio/activity';

/** What of a Postgres error may leave the database: no values, so no message, detail, hint or query. */
export interface PostgresFault {
  /** Five characters. @see https://www.postgresql.org/docs/18/errcodes-appendix.html */
  readonly sqlstate: string;
  readonly constraint: string | null;
}

function textProperty(value: object, name: string): string | null {
  const property: unknown = Reflect.get(value, name);
  return typeof property === 'string' && property !== '' ? property : null;
}

/** Reads SQLSTATE and constraint of an error that Postgres answered with; null for every other error. */
export function postgresFault(error: unknown): PostgresFault | null {
  if (!(error instanceof Error)) return null;
  const sqlstate = textProperty(error, 'code');
  if (sqlstate === null || !/^[0-9A-Z]{5}$/.test(sqlstate)) return null;
  if (textProperty(error, 'severity') === null) return null; // Node's own EPIPE looks like an SQLSTATE too.
  return { sqlstate, constraint: textProperty(error, 'constraint') };
}

/**
 * Classes that the same statement over the same rows ends in again: a value that is none of its type, a broken
 * constraint, SQL that does not fit what is there. Retried, they would keep on-call from hearing of it for hours.
 */
const LASTING = /^(22|23|42)/;

/**
 * An error of Postgres as it may leave: an `ApplicationFailure` of type `PostgresError` that carries SQLSTATE and constraint
 * only, and is retryable unless it lies in the rows or the SQL. Null for every other error.
 *
 * @param doing what was being done, for the message: `publish silver.stg_transactions`.
 */
export function postgresFailure(error: unknown, doing: string): ApplicationFailure | null {
  const fault = postgresFault(error);
  if (fault === null) return null;
  const constraint = fault.constraint === null ? '' : `, constraint ${fault.constraint}`;
  return ApplicationFailure.create({
    type: 'PostgresError',
    nonRetryable: LASTING.test(fault.sqlstate),
    message:
      `Postgres refused to ${doing}: SQLSTATE ${fault.sqlstate}${constraint}. ` +
      "Its message may quote rows, so it stands in the server's log only.",
    details: [fault],
  });
}

/**
 * Runs `work`; an error of Postgres comes out as {@link postgresFailure}. Postgres's own messages quote rows ("Key
 * (customer_id)=(…) already exists"), and what an activity throws is kept in Temporal's history.
 *
 * @param doing what was being done, for the message: `publish silver.stg_transactions`.
 */
export async function withoutValues<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw postgresFailure(error, doing) ?? error;
  }
}
