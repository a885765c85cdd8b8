import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { lineageOf } from '../../models/lineage.ts';
import type { DatabaseTransaction } from '../databases.ts';

/** Writes down where the columns of all models come from, in place of what stood there. */
export async function noteLineage(trx: DatabaseTransaction, graph: Graph): Promise<void> {
  const { steps } = lineageOf(graph);
  const rows = steps.map((step) => ({
    model: step.model,
    column_name: step.column,
    from_relation: step.fromRelation,
    from_column: step.fromColumn,
    how: step.how,
    file: step.file,
    line: step.line,
  }));
  await trx.deleteFrom('control.column_lineage').execute();
  await sql`insert into control.column_lineage (model, column_name, from_relation, from_column, how, file, line)
    select model, column_name, from_relation, from_column, how, file, line
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as step
      (model text, column_name text, from_relation text, from_column text, how text, file text, line int)`.execute(
    trx,
  );
}
