import { sql } from 'kysely';
import { withTableContext } from '../../activities/gate/batch-context.ts';
import { readBatchColumns } from '../../activities/gate/batch-columns.ts';
import { evaluateSuite } from '../../activities/gate/evaluate.ts';
import type { Evaluation } from '../../activities/gate/evaluate.ts';
import type { Beside } from '../../activities/gate/beside.ts';
import { uncheckedReason } from '../../activities/gate/fault.ts';
import { queriedParameters, readParameters } from '../../activities/gate/parameter-values.ts';
import { readBatch } from '../../activities/gate/read-batch.ts';
import { applySettings } from '../../activities/load-window.ts';
import type { DatabaseTransaction } from '../../activities/databases.ts';
import type { Batch, Run } from '../../expectations/compile.ts';
import { isObject } from '../../expectations/json.ts';
import { failedExpectation } from '../../expectations/judge.ts';
import { summary } from '../../expectations/result-format.ts';
import type { Suite } from '../../expectations/suite.ts';
import { decideVerdict } from '../../expectations/verdict.ts';
import type { DecidedVerdict, Gate } from '../../expectations/verdict.ts';
import { selectedColumns } from '../../models/history-columns.ts';
import { isPublished } from '../../models/model.ts';
import type { GateHeader, PublishedModel } from '../../models/model.ts';
import { windowSettings } from '../../models/window.ts';
import { inSpan, redirectedQuery } from './references.ts';
import { builtNames } from './scratch.ts';
import type { Scratch } from './scratch.ts';

/** What a gate would say of a copy. */
export interface ScratchVerdict {
  readonly model: PublishedModel;
  readonly gate: Gate;
  readonly suite: Suite;
  readonly verdict: DecidedVerdict;
  /** Null where it could not be checked. */
  readonly found: Evaluation | null;
  readonly milliseconds: number;
}

/**
 * Asks every gate of the copies: the input gate of what the model reads, the output gate of the copy. Nothing of it is
 * kept, and nothing is learnt from it. As in a run, an empty window is not gated.
 *
 * @param trx on the login that may only read.
 * @param rows of the copies, by model.
 */
export async function askGates(
  trx: DatabaseTransaction,
  beside: Beside,
  { scratch, suites, rows, published }: ScratchGates,
): Promise<readonly ScratchVerdict[]> {
  await applySettings(trx, windowSettings(scratch.window));
  const verdicts: ScratchVerdict[] = [];
  for (const model of scratch.models.filter(isPublished)) {
    const asked: ScratchVerdict[] = [];
    for (const gate of ['input', 'output'] as const) {
      const header = model.gates[gate];
      const suite = header === null ? undefined : suites.get(header.suite);
      if (header === null || suite === undefined) continue;
      const isPublishedYet = published.has(model.name);
      asked.push(await askGate(trx, beside, scratch, { model, gate, header, suite, isPublishedYet }));
    }
    const [first] = asked;
    const nothingRead = first?.gate !== 'input' || first.found?.rows === 0;
    const empty = model.shape.kind !== 'whole' && rows.get(model.name) === 0 && nothingRead;
    if (!empty) verdicts.push(...asked);
  }
  return verdicts;
}

/** What gates are asked, and of what. */
export interface ScratchGates {
  readonly scratch: Scratch;
  readonly suites: ReadonlyMap<string, Suite>;
  readonly rows: ReadonlyMap<string, number>;
  /** Names of the models that have been published: the others have a table that says nothing yet. */
  readonly published: ReadonlySet<string>;
}

interface ScratchGate {
  readonly model: PublishedModel;
  readonly gate: Gate;
  readonly header: GateHeader;
  readonly suite: Suite;
  readonly isPublishedYet: boolean;
}

async function askGate(
  trx: DatabaseTransaction,
  beside: Beside,
  scratch: Scratch,
  asked: ScratchGate,
): Promise<ScratchVerdict> {
  const { model, gate, header, suite } = asked;
  const facts = { model: model.name, gate, suite: header.suite, loadId: 0, asOf: scratch.asOf };
  const began = performance.now();
  const ended = () => Math.round(performance.now() - began);
  try {
    const read = await readInSavepoint(trx, () => readGate(trx, scratch, asked));
    const run = { ...read.run, asOf: scratch.asOf, format: summary };
    const found = await evaluateSuite(trx, suite, read.batch, run, beside);
    const failed = found.judged.flatMap(
      (one) => failedExpectation(one, new Set(), [suite.weir, header]) ?? [],
    );
    const judged = { ...facts, rows: found.rows, evaluated: found.judged.length };
    return { model, gate, suite, found, verdict: decideVerdict(judged, failed, null), milliseconds: ended() };
  } catch (error) {
    const reason = uncheckedReason(error);
    if (reason === null) throw error;
    const verdict = decideVerdict({ ...facts, rows: null, evaluated: 0 }, [], reason);
    return { model, gate, suite, found: null, verdict, milliseconds: ended() };
  }
}

/** The gate's parameters and batch. */
async function readGate(
  trx: DatabaseTransaction,
  scratch: Scratch,
  { model, gate, header, suite, isPublishedYet }: ScratchGate,
): Promise<{ readonly batch: Batch; readonly run: Pick<Run, 'values' | 'queried'> }> {
  const parameters = redirectedParameters(scratch, model.name, header.parameters);
  const values = await readParameters(trx, parameters, scratch.graph);
  const read = await batchOf(trx, scratch, model, gate);
  const inTable = await withTableContext(trx, read, suite, [model.layer, model.name]);
  const batch = asAtGate(inTable, model, isPublishedYet);
  return { batch, run: { values, queried: queriedParameters(header.parameters) } };
}

/** What a gate takes for the published columns: those of the SELECT, and none before the first publish. */
function asAtGate(batch: Batch, model: PublishedModel, isPublishedYet: boolean): Batch {
  const table = batch.context?.published ?? null;
  if (batch.context === undefined || table === null) return batch;
  const columns = isPublishedYet && table.columns !== null ? selectedColumns(model, table.columns) : null;
  return { ...batch, context: { ...batch.context, published: { ...table, columns } } };
}

/** What Postgres refuses ends this reading and no other. The savepoint is left: an evaluation begins outside of any. */
async function readInSavepoint<T>(trx: DatabaseTransaction, work: () => Promise<T>): Promise<T> {
  await sql`savepoint before_gate`.execute(trx);
  try {
    const read = await work();
    await sql`release savepoint before_gate`.execute(trx);
    return read;
  } catch (error) {
    await sql`rollback to savepoint before_gate`.execute(trx);
    throw error;
  }
}

function redirectedParameters(
  scratch: Scratch,
  model: string,
  parameters: GateHeader['parameters'],
): GateHeader['parameters'] {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, source]) => [
      name,
      isObject(source) && typeof source['query'] === 'string'
        ? { query: redirectedQuery(scratch, model, source['query']) }
        : source,
    ]),
  );
}

/** What the gate reads: the copy, or what the model maps; that too from its copy where it has one. */
async function batchOf(
  trx: DatabaseTransaction,
  scratch: Scratch,
  model: PublishedModel,
  gate: Gate,
): Promise<Batch> {
  const upstream = gate === 'input' && model.shape.kind === 'map' ? model.shape.delta : null;
  if (upstream !== null && !builtNames(scratch).has(upstream)) {
    const { window } = scratch;
    const load = { loadId: 0, model: model.name, window, candidate: null, rowsQuarantined: 0 };
    return (await readBatch(trx, { model, graph: scratch.graph }, load, 'input')).batch;
  }
  const name = upstream ?? model.name;
  const columns = await readBatchColumns(trx, { schema: scratch.schema, table: name });
  const named = new Set([...model.uniqueKey, '_source', '_revision', '_position']);
  const key = [...named].filter((column) => columns.has(column));
  const batch: Batch = { relation: [scratch.schema, name], collapse: null, columns, key };
  const bound = upstream === null ? null : inSpan(scratch, name, [...columns.values()]);
  // oxlint-disable-next-line no-restricted-properties -- Made of checked names and of a time that was read and written again.
  return bound === null ? batch : { ...batch, where: sql.raw(bound) };
}
