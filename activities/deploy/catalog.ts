import { sql } from 'kysely';
import { ApplicationFailure } from '@temporalio/activity';
import type { DatabaseTransaction } from '../databases.ts';
import { postgresFault } from '../postgres-error.ts';
import { dropDependentViews } from './dependent-views.ts';
import { define } from './statement.ts';

/** What a type written in a header is called by the database: `timestamp` is `timestamp without time zone`. */
export async function typeNames(
  trx: DatabaseTransaction,
  types: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ written: string; known: string | null }>`
    select written, format_type(to_regtype(written), to_regtypemod(written)) as known
    from unnest(${[...types]}::text[]) as t (written)`.execute(trx);
  return new Map(rows.flatMap(({ written, known }) => (known === null ? [] : [[written, known] as const])));
}

/**
 * Makes a view what its SELECT says and notes the SELECT, so that nothing is touched where it says so already.
 *
 * A view whose columns changed is dropped with the views on it; those of models are made again after it.
 *
 * @param doing what it is for, for errors: the model's file.
 */
export async function defineView(
  trx: DatabaseTransaction,
  doing: string,
  name: string,
  select: string,
): Promise<void> {
  const { rows } = await sql<{ same: boolean | null }>`
    select obj_description(to_regclass(${name}), 'pg_class') = 'weir ' || md5(${select}) as same`.execute(
    trx,
  );
  if (rows[0]?.same === true) return;
  await define(trx, 'savepoint before_view');
  try {
    await defineFor(trx, doing, `create or replace view ${name} as\n${select}`);
  } catch (error) {
    if (faultOf(error)?.sqlstate !== '42P16') throw error; // invalid_table_definition: it has other columns now
    await define(trx, 'rollback to savepoint before_view');
    await dropDependentViews(trx, doing, name);
    await define(trx, `drop view ${name}`);
    await defineFor(trx, doing, `create view ${name} as\n${select}`);
  }
  await define(trx, 'release savepoint before_view');
  const { rows: hashes } = await sql<{ hash: string }>`select 'weir ' || md5(${select}) as hash`.execute(trx);
  await define(trx, `comment on view ${name} is '${hashes[0]?.hash ?? ''}'`);
}

/**
 * Runs a statement that a model's SELECT is part of.
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) with what Postgres says of the SELECT: nothing has been read
 *   yet, so its message has names of columns and relations and no values.
 */
export async function defineFor(trx: DatabaseTransaction, doing: string, text: string): Promise<void> {
  try {
    await define(trx, text);
  } catch (error) {
    const fault = postgresFault(error);
    if (fault === null || !(error instanceof Error) || !fault.sqlstate.startsWith('42')) throw error;
    throw ApplicationFailure.create({
      type: 'InvalidModel',
      nonRetryable: true,
      message: `${doing}: ${error.message} (SQLSTATE ${fault.sqlstate}). Run the file in psql to see where.`,
      details: [fault],
      cause: error,
    });
  }
}

function faultOf(error: unknown): { readonly sqlstate: string } | null {
  return error instanceof ApplicationFailure ? postgresFault(error.cause) : postgresFault(error);
}
