import { compileFailing, compileSamples, isAskable, planSuite } from '../../expectations/compile.ts';
import type { AskableEntry, Batch, FailingRow, Run } from '../../expectations/compile.ts';
import { hasFailingRows, judgeEntry } from '../../expectations/judge.ts';
import type { Found, JudgedEntry } from '../../expectations/judge.ts';
import { compileTargets, targetsOf } from '../../expectations/measuring.ts';
import { tellsQuery } from '../../expectations/result-format.ts';
import type { Suite } from '../../expectations/suite.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { answersOf } from './ask-targets.ts';
import { createAsker } from './asker.ts';
import type { Asker, Asking } from './asker.ts';
import type { Beside } from './beside.ts';
import { CannotGate } from './fault.ts';
import { findCulprits } from './find-culprits.ts';
import { measureBatch } from './measure-batch.ts';
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
 * statement fails, those to blame are found, so that one that cannot be evaluated silences no other.
 *
 * In a large batch, what cannot share the one scan runs at the same time on another connection, on the same snapshot.
 *
 * @param trx a repeatable-read transaction outside of any savepoint, so that every statement sees the same rows.
 * @param beside where another connection may come from; left out, there is none.
 * @throws CannotGate when not even the rows of the batch can be counted.
 */
export async function evaluateSuite(
  trx: DatabaseTransaction,
  suite: Suite,
  batch: Batch,
  run: Run,
  beside?: Beside,
): Promise<Evaluation> {
  const entries = await proveEntries(trx, planSuite(suite, batch, run), batch);
  const askable = entries.filter(isAskable);
  const asker = createAsker(trx, beside?.signal);
  const found = await measureBatch(asker, targetsOf(askable), batch, beside);
  const rows = found.rows ?? (await countRows(asker, batch));
  const answers = answersOf(askable, found);
  const judged = entries.map((entry) => judgeEntry(entry, answers.get(entry.expectation.index)));
  const failed = judged.filter(hasFailingRows).flatMap(({ entry }) => (isAskable(entry) ? [entry] : []));
  return {
    rows,
    judged,
    samples: await readSamples(asker, failed, batch),
    queries: queriesAskedFor(trx, askable, batch),
  };
}

/** Only where the format asks for it; also where nothing failed, as in Great Expectations. */
function queriesAskedFor(
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

/** Where no statement over the batch succeeded. */
async function countRows(asker: Asker, batch: Batch): Promise<number> {
  const asked = await asker.ask(compileTargets([], batch));
  if ('answer' in asked) return asked.answer.rows ?? 0;
  throw new CannotGate(
    `${batch.relation.join('.')} cannot be read: ${asked.error.reason}. Mend it, then retry the gate.`,
  );
}

/** Evidence is worth having for the others even where one sample fails or takes too long. */
async function readSamples(
  asker: Asker,
  failed: readonly AskableEntry[],
  batch: Batch,
): Promise<Evaluation['samples']> {
  const samples = new Map<number, readonly FailingRow[]>();
  const ask = async (some: readonly AskableEntry[]): Promise<Asking<unknown>> => {
    const statement = compileSamples(some, batch);
    if (statement === null) return { answer: null };
    const asked = await asker.ask(statement);
    if ('answer' in asked) for (const [index, rows] of asked.answer) samples.set(index, rows);
    return asked;
  };
  const asked = await ask(failed);
  if ('error' in asked) await findCulprits(asker, failed, asked, ask);
  return samples;
}
