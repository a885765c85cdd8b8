import { sql } from 'kysely';
import {
  compileFailing,
  compileMeasures,
  compileSamples,
  isAskable,
  planSuite,
} from '../../expectations/compile.ts';
import type {
  AskableEntry,
  Batch,
  FailingRow,
  Run,
  Statement,
  SuiteMeasured,
} from '../../expectations/compile.ts';
import { hasFailingRows, judgeEntry } from '../../expectations/judge.ts';
import type { Answer, Found, JudgedEntry } from '../../expectations/judge.ts';
import type { Json } from '../../expectations/json.ts';
import { tellsQuery } from '../../expectations/result-format.ts';
import type { Suite } from '../../expectations/suite.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { CannotGate, evaluationError } from './fault.ts';
import { proveEntries } from './prove-entries.ts';
import { renderSql } from './render-sql.ts';

/** What a suite found in a batch. `samples` has as many failing rows as the format of each expectation asks for. */
export interface Evaluation extends Found {
  readonly rows: number;
  /** In the suite's order. */
  readonly judged: readonly JudgedEntry[];
}

/**
 * Asks a suite of a batch: one statement for all numbers, and one more for samples of what failed. Where that one
 * statement fails, each expectation is asked alone, so that one that cannot be evaluated silences no other.
 *
 * @param trx a repeatable-read transaction, so that every statement sees the same rows.
 * @throws CannotGate when not even the rows of the batch can be counted.
 */
export async function evaluateSuite(
  trx: DatabaseTransaction,
  suite: Suite,
  batch: Batch,
  run: Run,
): Promise<Evaluation> {
  const entries = await proveEntries(trx, planSuite(suite, batch, run), batch);
  const askable = entries.filter(isAskable);
  const { rows, answers } =
    (await askTogether(trx, askable, batch)) ?? (await askEachAlone(trx, askable, batch));
  const judged = entries.map((entry) => judgeEntry(entry, answers.get(entry.expectation.index)));
  const failed = judged.filter(hasFailingRows).flatMap(({ entry }) => (isAskable(entry) ? [entry] : []));
  return {
    rows,
    judged,
    samples: await readSamples(trx, failed, batch),
    queries: failingQueries(trx, askable, batch),
  };
}

/** Only where the format asks for it; also where nothing failed, as in Great Expectations. */
function failingQueries(
  trx: DatabaseTransaction,
  entries: readonly AskableEntry[],
  batch: Batch,
): Evaluation['queries'] {
  const queries = new Map<number, string>();
  for (const entry of entries) {
    const failing = tellsQuery(entry.format) ? compileFailing(entry, batch) : null;
    if (failing !== null) queries.set(entry.expectation.index, renderSql(trx, failing));
  }
  return queries;
}

interface Asked {
  readonly rows: number;
  readonly answers: ReadonlyMap<number, Answer>;
}

/** Null when one of the expectations cannot be asked so. */
async function askTogether(
  trx: DatabaseTransaction,
  entries: readonly AskableEntry[],
  batch: Batch,
): Promise<Asked | null> {
  const answers = new Map<number, Answer>();
  let rows = 0;
  for (const statement of compileMeasures(entries, batch)) {
    const asked = await ask(trx, statement);
    if ('error' in asked) return null;
    rows = asked.answer.rows;
    for (const [index, measured] of asked.answer.entries) answers.set(index, { measured });
  }
  return { rows, answers };
}

async function askEachAlone(
  trx: DatabaseTransaction,
  entries: readonly AskableEntry[],
  batch: Batch,
): Promise<Asked> {
  const answers = new Map<number, Answer>();
  const rows = await countRows(trx, batch);
  for (const entry of entries) {
    for (const statement of compileMeasures([entry], batch)) {
      const { index } = entry.expectation;
      const asked = await ask(trx, statement);
      answers.set(index, 'error' in asked ? asked : { measured: asked.answer.entries.get(index) ?? {} });
    }
  }
  return { rows, answers };
}

async function countRows(trx: DatabaseTransaction, batch: Batch): Promise<number> {
  const [statement] = compileMeasures([], batch);
  const asked = statement === undefined ? null : await ask<SuiteMeasured>(trx, statement);
  if (asked !== null && 'answer' in asked) return asked.answer.rows;
  const reason = asked === null ? 'nothing was asked' : asked.error.reason;
  throw new CannotGate(
    `${batch.relation.join('.')} cannot be read: ${reason}. Mend it, then retry the gate.`,
  );
}

async function readSamples(
  trx: DatabaseTransaction,
  failed: readonly AskableEntry[],
  batch: Batch,
): Promise<Evaluation['samples']> {
  const together = compileSamples(failed, batch);
  if (together === null) return new Map();
  const asked = await ask(trx, together);
  if ('answer' in asked) return asked.answer;
  // Evidence is worth having for the others even where one sample takes too long.
  const samples = new Map<number, readonly FailingRow[]>();
  for (const entry of failed) {
    const alone = compileSamples([entry], batch);
    const one = alone === null ? null : await ask(trx, alone);
    if (one !== null && 'answer' in one) for (const [index, rows] of one.answer) samples.set(index, rows);
  }
  return samples;
}

type Asking<T> = { readonly answer: T } | Extract<Answer, { error: unknown }>;

/** Runs one statement behind a savepoint: an error of Postgres must not end the transaction that holds the snapshot. */
async function ask<T>(trx: DatabaseTransaction, statement: Statement<T>): Promise<Asking<T>> {
  await sql`savepoint asked`.execute(trx);
  try {
    const { rows } = await sql<Record<string, Json>>`${statement.sql}`.execute(trx);
    const [row] = rows;
    if (row === undefined) throw new Error('A measuring statement returned no row.');
    return { answer: statement.read(row) };
  } catch (error) {
    const evaluation = evaluationError(error);
    if (evaluation === null) throw error;
    await sql`rollback to savepoint asked`.execute(trx);
    return { error: evaluation };
  }
}
