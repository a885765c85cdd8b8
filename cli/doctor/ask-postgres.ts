import pg from 'pg';
import { PATIENCE_MS } from './check.ts';

/** Asks a server one question on a connection of its own, and does not wait for ever for one that says nothing. */
export async function askPostgres<Row extends pg.QueryResultRow>(
  url: string,
  query: string,
  values: readonly unknown[] = [],
): Promise<Row> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
    application_name: 'weir doctor',
  });
  // A connection that breaks while nothing is asked of it: the question has failed by then, or has its answer.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Row>(query, [...values]);
    const [row] = rows;
    if (row === undefined) throw new Error('it answered with nothing');
    return row;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What the server or the network said, without the password that a URL has. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const message =
    error instanceof AggregateError ? '' : error instanceof Error ? error.message : String(error);
  return [message, code === null ? '' : `(${code})`].filter((part) => part !== '').join(' ') || 'no answer';
}

/** `ECONNREFUSED`, or a SQLSTATE. */
export function codeOf(error: unknown): string | null {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : null;
}
