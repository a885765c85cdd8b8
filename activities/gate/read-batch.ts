import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import { compileRepeats } from '../../expectations/compile.ts';
import type { Batch } from '../../expectations/compile.ts';
import type { Json } from '../../expectations/json.ts';
import type { CatalogueColumn, Sql } from '../../expectations/scan.ts';
import type { Gate } from '../../expectations/verdict.ts';
import { hasRevisions, isSource } from '../../models/model.ts';
import type { Model } from '../../models/model.ts';
import { notSetAside } from '../../models/statements/quarantine.ts';
import { notRetracted, windowRows } from '../../models/statements/window-rows.ts';
import type { DatabaseTransaction } from '../databases.ts';
import type { LoadRow } from '../load.ts';
import { readBatchColumns } from './batch-columns.ts';
import { CannotGate } from './fault.ts';
import type { GatePlace } from './find-gate.ts';

type Place = Pick<GatePlace, 'model' | 'graph'>;
type Columns = ReadonlyMap<string, CatalogueColumn>;
/** What of a load says which rows its gates read. */
type ReadLoad = Pick<LoadRow, 'loadId' | 'model' | 'window' | 'candidate' | 'rowsQuarantined'>;

/** Of a source's rows, the hash of the record as it was delivered. */
const RECORD_HASH = '_record_hash';

/**
 * What the gate reads, and how many deliveries of it repeat another byte for byte: the candidate at an output gate, at
 * an input gate the window's rows of what the model maps, from their table.
 */
export async function readBatch(
  trx: DatabaseTransaction,
  { model, graph }: Place,
  load: ReadLoad,
  gate: Gate,
): Promise<{ readonly batch: Batch; readonly repeats: number }> {
  const upstream = gate === 'input' ? mappedModel({ model, graph }) : null;
  const relation = upstream === null ? candidateOf(load) : ([upstream.layer, upstream.name] as const);
  const columns = await readBatchColumns(trx, { schema: relation[0], table: relation[1] });
  if (columns.size === 0 && upstream === null) throw candidateGone(load, relation.join('.'));
  if (columns.size === 0)
    throw new CannotGate(`there is no relation ${relation.join('.')}. Run the migrations.`);
  const named = new Set([...model.uniqueKey, '_source', '_revision', '_position']);
  const key = [...named].filter((column) => columns.has(column));
  const batch: Batch = { relation, collapse: null, columns, key };
  if (upstream === null) return { batch, repeats: 0 };
  const chosen: Batch = { ...batch, where: await inWindow(trx, upstream, load, columns) };
  if (!isSource(upstream) || !columns.has(RECORD_HASH)) return { batch: chosen, repeats: 0 };
  const repeats = await countRepeats(trx, chosen);
  return { batch: { ...chosen, collapse: repeats > 0 ? RECORD_HASH : null }, repeats };
}

/**
 * Of a run whose hold expired housekeeping drops the candidate after a week; the run may be reset all the same. It then
 * stages its recorded window again, and asks the gate of that.
 */
function candidateGone({ loadId, model }: ReadLoad, relation: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `${relation} is gone: load ${loadId} of ${model} has to be staged again.`,
    'CandidateGone',
  );
}

/** @throws Error for a load that has not been staged. */
function candidateOf({ candidate, loadId, model }: ReadLoad): Batch['relation'] {
  if (candidate !== null) return ['candidate', candidate];
  throw new Error(`Load ${loadId} of ${model} has no candidate: stage it before its output gate.`);
}

/** @throws Error for a model that reads whole relations, or recomputes what others touch. */
function mappedModel({ model, graph }: Place): Model {
  const found = model.shape.kind === 'map' ? graph.byName.get(model.shape.delta) : undefined;
  if (found !== undefined) return found;
  throw new Error(
    `${model.file} does not map the rows of one delta, so it has nothing for an input gate to read.`,
  );
}

/** True for the rows of a load's window that are neither retracted nor set aside. */
async function inWindow(
  trx: DatabaseTransaction,
  upstream: Model,
  load: ReadLoad,
  columns: Columns,
): Promise<Sql> {
  const { name, timeColumn } = upstream;
  const zoned = columns.get(timeColumn ?? '')?.type === 'timestamp with time zone';
  const conditions: Sql[] = [windowRows({ name, timeColumn, zoned }, load.window, name)];
  if (hasRevisions(upstream) && (await isAnyRetracted(trx, name))) conditions.push(notRetracted(name, name));
  if (load.rowsQuarantined > 0) conditions.push(notSetAside(name, load.loadId));
  return sql.join(conditions, sql` and `);
}

async function isAnyRetracted(trx: DatabaseTransaction, source: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from as_of.retracted as r where r.source = ${source}) as found`.execute(trx);
  return rows[0]?.found === true;
}

async function countRepeats(trx: DatabaseTransaction, batch: Batch): Promise<number> {
  const statement = compileRepeats(batch, RECORD_HASH);
  const { rows } = await sql<Record<string, Json>>`${statement.sql}`.execute(trx);
  return statement.read(rows[0] ?? {});
}
