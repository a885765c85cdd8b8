import { sql } from 'kysely';
import type { Statement } from '../../expectations/compile.ts';
import type { EvaluationError } from '../../expectations/judge.ts';
import type { Json } from '../../expectations/json.ts';
import type { Sql } from '../../expectations/scan.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { postgresFault } from '../postgres-error.ts';
import { evaluationError } from './fault.ts';

/** An answer, or why there is none. */
export type Asking<T> = { readonly answer: T } | { readonly error: EvaluationError; readonly late: boolean };

/** Asks statements of one transaction; an error of Postgres does not end the transaction that holds the snapshot. */
export interface Asker {
  readonly trx: DatabaseTransaction;
  /** Runs a statement. `late`: it ran into the statement timeout. */
  ask<T>(statement: Statement<T>): Promise<Asking<T>>;
  /** Has a statement planned and not run, which reads no row. */
  plan(statement: Sql): Promise<Asking<null>>;
  /** Time for each of about `steps` further statements, since one has taken too long; all of them have two timeouts. */
  divideTime(steps: number): Promise<void>;
  /** The server's own timeout again. */
  restoreTime(): Promise<void>;
  /** Leaves the savepoint: a snapshot cannot be exported from within. */
  leave(): Promise<void>;
}

const CANCELLED = '57014';

/** What is said of what was not asked any more. */
const NO_TIME: EvaluationError = {
  reason: `SQLSTATE ${CANCELLED}, the time that this gate may take was used up before it`,
  message: 'Others took longer than the statement timeout, and the time for this gate was used up.',
};

/** @param signal when aborted, the statement that it cancelled is no answer about the batch. */
export function createAsker(trx: DatabaseTransaction, signal?: AbortSignal): Asker {
  let inSavepoint = false;
  let whole: number | null = null;
  let share = 0;
  let ends = Number.POSITIVE_INFINITY;
  const setTimeout = (milliseconds: number): Promise<unknown> =>
    sql`select set_config('statement_timeout', ${String(milliseconds)}, true)`.execute(trx);
  const attempt = async <T>(statement: Sql, read: (rows: readonly Row[]) => T): Promise<Asking<T>> => {
    signal?.throwIfAborted();
    if (Date.now() > ends) return { error: NO_TIME, late: true };
    // It outlives a rollback to it, so once is enough.
    if (!inSavepoint) await sql`savepoint asked`.execute(trx);
    inSavepoint = true;
    try {
      // The rollback after an error has put the setting back.
      if (share > 0) await setTimeout(share);
      const { rows } = await sql<Row>`${statement}`.execute(trx);
      return { answer: read(rows) };
    } catch (error) {
      signal?.throwIfAborted();
      const evaluation = evaluationError(error);
      if (evaluation === null) throw error;
      await sql`rollback to savepoint asked`.execute(trx);
      return { error: evaluation, late: postgresFault(error)?.sqlstate === CANCELLED };
    }
  };
  return {
    trx,
    ask: ({ sql: statement, read }) => attempt(statement, (rows) => read(onlyRow(rows))),
    plan: (statement) => attempt(sql`explain ${statement}`, () => null),
    divideTime: async (steps) => {
      whole ??= await statementTimeout(trx);
      if (whole === 0) return;
      if (ends === Number.POSITIVE_INFINITY) ends = Date.now() + 2 * whole;
      share = Math.max(1, Math.ceil(whole / steps));
    },
    restoreTime: async () => {
      if (share > 0) await setTimeout(whole ?? 0);
      share = 0;
      ends = Number.POSITIVE_INFINITY;
    },
    leave: async () => {
      if (inSavepoint) await sql`release savepoint asked`.execute(trx);
      inSavepoint = false;
    },
  };
}

type Row = Readonly<Record<string, Json>>;

function onlyRow(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('A measuring statement returned no row.');
  return row;
}

/** In milliseconds; 0 where there is none. */
async function statementTimeout(trx: DatabaseTransaction): Promise<number> {
  const { rows } = await sql<{ ms: string }>`
    select setting as ms from pg_catalog.pg_settings where name = 'statement_timeout'`.execute(trx);
  return Number(rows[0]?.ms ?? 0);
}
