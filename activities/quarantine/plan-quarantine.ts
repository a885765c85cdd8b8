import { sql } from 'kysely';
import { isAskable, planSuite } from '../../expectations/compile.ts';
import type { AskableEntry, Batch } from '../../expectations/compile.ts';
import { isObject, parseJson } from '../../expectations/json.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { summary } from '../../expectations/result-format.ts';
import type { Gate, QuarantineOrder } from '../../expectations/verdict.ts';
import { versionColumns } from '../../models/model.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { withGateContext } from '../gate/batch-context.ts';
import { CannotGate } from '../gate/fault.ts';
import type { GatePlace } from '../gate/find-gate.ts';
import { queriedParameters } from '../gate/parameter-values.ts';
import { readBatch } from '../gate/read-batch.ts';
import { applySettings, loadSettings, workMem } from '../load-window.ts';
import type { LoadRow } from '../load.ts';

/** What to set aside, of how many rows. */
export interface PlannedQuarantine {
  readonly entries: readonly AskableEntry[];
  readonly batch: Batch;
  readonly rows: number;
}

/**
 * Makes the predicates of an evaluation again, with the parameters it was asked with: what is set aside is what it
 * counted, whatever a parameter's query would answer now.
 *
 * @returns a sentence where what the gate read is not there as it was.
 */
export async function planQuarantine(
  trx: DatabaseTransaction,
  { model, header, suite, graph }: GatePlace,
  load: LoadRow,
  asked: { readonly gate: Gate; readonly evaluationId: number; readonly order: QuarantineOrder },
): Promise<PlannedQuarantine | string> {
  const { gate, evaluationId, order } = asked;
  const kept = await readKept(trx, evaluationId);
  if (kept === null) return `the parameters of evaluation ${evaluationId} are not kept any more`;
  // A search for repeated values that does not fit in memory compares each row with each.
  await applySettings(trx, [...loadSettings(load), workMem]);
  try {
    const { batch: read } = await readBatch(trx, { model, graph }, load, gate);
    if (gate === 'input' && !versionColumns.every((name) => read.columns.has(name)))
      return `rows of ${read.relation.join('.')} carry no ${versionColumns.join(', ')}, so a load cannot leave single ones out`;
    const judging = { suite, model, graph, gate, load };
    const batch = await withGateContext(trx, trx, read, judging);
    const run = {
      values: kept.parameters,
      queried: queriedParameters(header.parameters),
      asOf: load.asOf,
      format: summary,
    };
    const planned = planSuite(suite, batch, run);
    const entries = planned.filter(({ expectation }) => order.expectations.includes(expectation.index));
    const askable = entries.filter(isAskable);
    if (askable.length < order.expectations.length)
      return 'what the expectations ask about is not there as it was';
    return { entries: askable, batch, rows: kept.rows };
  } catch (error) {
    if (error instanceof CannotGate) return error.message;
    throw error;
  }
}

async function readKept(
  trx: DatabaseTransaction,
  evaluationId: number,
): Promise<{ readonly parameters: JsonObject; readonly rows: number } | null> {
  // As text: parsed by the driver, a whole number beyond 2^53 would lose digits.
  const { rows } = await sql<{ parameters: string; rows: number | null }>`
    select parameters::text as parameters, rows_checked as rows
    from control.gate_result join control.gate_run using (evaluation_id)
    where evaluation_id = ${evaluationId}`.execute(trx);
  const [row] = rows;
  if (row === undefined) return null;
  const parameters = parseJson(row.parameters);
  return isObject(parameters) ? { parameters, rows: row.rows ?? 0 } : null;
}
