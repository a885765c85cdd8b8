import { sql } from 'kysely';
import { fromBatch } from '../../expectations/compile.ts';
import type { Batch } from '../../expectations/compile.ts';
import { isList, isObject } from '../../expectations/json.ts';
import type { Json } from '../../expectations/json.ts';
import type { Target } from '../../expectations/measuring.ts';
import { cancelWith } from '../cancel-query.ts';
import { askTargets } from './ask-targets.ts';
import type { TargetAnswers } from './ask-targets.ts';
import { createAsker } from './asker.ts';
import type { Asker } from './asker.ts';
import { sendBeside } from './beside.ts';
import type { Beside } from './beside.ts';

/**
 * From so many rows on, a second connection saves more than it costs. Measured with the transactions suite: with 30,000
 * rows both take the same time, with 100,000 two take a quarter less.
 */
const MANY_ROWS = 50_000;

/**
 * Asks all targets of a batch: one statement, or two at the same time in a large batch that has queries beside its scan.
 *
 * @param asker of a repeatable-read transaction outside of any savepoint of another's.
 * @param beside where another connection may come from.
 */
export async function measureBatch(
  asker: Asker,
  targets: readonly Target[],
  batch: Batch,
  beside: Beside | undefined,
): Promise<TargetAnswers> {
  const apart = targets.filter(({ kind }) => kind !== 'scan');
  // A collapsed batch is made once for all parts of a statement: two statements would make it twice.
  if (beside === undefined || apart.length === 0 || batch.collapse !== null)
    return askTargets(asker, targets, batch);
  if ((await estimateRows(asker, batch)) < (beside.manyRows ?? MANY_ROWS))
    return askTargets(asker, targets, batch);
  await asker.leave();
  return measureTogether(asker, targets, batch, beside);
}

async function measureTogether(
  asker: Asker,
  targets: readonly Target[],
  batch: Batch,
  beside: Beside,
): Promise<TargetAnswers> {
  const scanned = targets.filter(({ kind }) => kind === 'scan');
  const askApart = (other: Asker): Promise<TargetAnswers> => askTargetsApart(other, targets, batch);
  const stop = new AbortController();
  const signal = beside.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, beside.signal]);
  const errand = await sendBeside(
    asker.trx,
    { ...beside, signal },
    {
      work: (other) => askApart(createAsker(other, signal)),
      fail: (error) => stop.abort(error),
    },
  );
  try {
    const own = createAsker(asker.trx, signal);
    const one = await cancelWith(signal, beside.pool, asker.trx, () => askTargets(own, scanned, batch));
    const other = (await errand.finish()) ?? (await askApart(own));
    return joined(one, other);
  } catch (error) {
    stop.abort(error);
    await errand.finish().catch(() => null);
    throw error;
  }
}

/** Aggregates that order their rows share a scan; the others are queries of their own. */
async function askTargetsApart(
  asker: Asker,
  targets: readonly Target[],
  batch: Batch,
): Promise<TargetAnswers> {
  const of = (one: Target['kind']): readonly Target[] => targets.filter(({ kind }) => kind === one);
  const own = await askTargets(asker, of('beside'), batch);
  return joined(own, await askTargets(asker, of('ordered'), batch));
}

function joined(one: TargetAnswers, other: TargetAnswers): TargetAnswers {
  return {
    rows: one.rows ?? other.rows,
    values: new Map([...one.values, ...other.values]),
    errors: new Map([...one.errors, ...other.errors]),
  };
}

/** As the planner sees it, conditions and windows included: it knows the table's size on disk. 0 where it refuses. */
async function estimateRows(asker: Asker, batch: Batch): Promise<number> {
  const asked = await asker.ask({
    sql: sql`explain (format json) select from ${fromBatch(batch)}`,
    read: (row) => plannedRows(row['QUERY PLAN'] ?? null),
  });
  return 'answer' in asked ? asked.answer : 0;
}

function plannedRows(explained: Json): number {
  const [first] = isList(explained) ? explained : [];
  const plan = isObject(first) ? first['Plan'] : null;
  return isObject(plan) ? Number(plan['Plan Rows'] ?? 0) : 0;
}
