import { sql } from 'kysely';
import { compileRepeats } from '../../expectations/compile.ts';
import type { Batch } from '../../expectations/compile.ts';
import type { Json } from '../../expectations/json.ts';
import type { Gate } from '../../expectations/verdict.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { notSetAside } from '../../models/statements/quarantine.ts';
import { gateRelation } from '../load-window.ts';
import type { LoadRow } from '../load.ts';
import { readBatchColumns } from './batch-columns.ts';
import { CannotGate } from './fault.ts';
import type { GatePlace } from './find-gate.ts';

/** What the gate reads, and how many deliveries of it repeat another byte for byte. */
export async function readBatch(
  trx: DatabaseTransaction,
  { model, graph }: Pick<GatePlace, 'model' | 'graph'>,
  load: LoadRow,
  gate: Gate,
): Promise<{ readonly batch: Batch; readonly repeats: number }> {
  const upstream = model.shape.kind === 'map' ? graph.byName.get(model.shape.delta) : undefined;
  const { relation, collapse } = gateRelation(load, model, gate, upstream);
  const columns = await readBatchColumns(trx, relation);
  const name = [relation.schema, relation.table] as const;
  if (columns.size === 0)
    throw new CannotGate(
      `there is no relation ${name.join('.')}. Run the migrations, or stage the load again.`,
    );
  const repeats = collapse !== null && columns.has(collapse) ? await countRepeats(trx, name, collapse) : 0;
  const named = new Set([...model.uniqueKey, '_source', '_revision', '_position']);
  const key = [...named].filter((column) => columns.has(column));
  // A delta shows each row of its table at most once, whatever its window.
  const shows =
    gate === 'input' && upstream !== undefined ? ([upstream.layer, upstream.name] as const) : name;
  const batch = { relation: name, collapse: repeats > 0 ? collapse : null, columns, key, shows };
  if (gate === 'output' || load.rowsQuarantined === 0) return { batch, repeats };
  return { batch: { ...batch, where: notSetAside(relation.table, load.loadId) }, repeats };
}

async function countRepeats(
  trx: DatabaseTransaction,
  relation: Batch['relation'],
  hash: string,
): Promise<number> {
  const statement = compileRepeats(relation, hash);
  const { rows } = await sql<Record<string, Json>>`${statement.sql}`.execute(trx);
  return statement.read(rows[0] ?? {});
}
