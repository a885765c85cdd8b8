import { sql } from 'kysely';
import type { PublishedModel } from '../models/model.ts';
import type { DatabaseTransaction } from './databases.ts';
import type { LoadRow } from './load.ts';
import { lockTarget, readTarget } from './target.ts';

/**
 * Locks a model's target for this publish, and says why what the gate saw is not what would be published.
 *
 * @returns a sentence; null when nothing has changed.
 */
export async function targetChanged(
  trx: DatabaseTransaction,
  model: PublishedModel,
  load: LoadRow,
): Promise<string | null> {
  await lockTarget(trx, model.name);
  if (load.isEmpty) return null;

  const target = await readTarget(trx, model);
  if (target.publishes !== load.targetPublishes) {
    return `${model.relation} was published ${target.publishes - (load.targetPublishes ?? 0)} times since it was staged`;
  }
  if (target.columnsHash !== load.columnsHash)
    return `the columns of ${model.relation} changed since it was staged`;
  if (model.sqlHash !== load.sqlHash) return `${model.file} changed since it was staged`;
  return candidateChanged(trx, load);
}

/** An unlogged table is there after a crash, and empty. */
async function candidateChanged(
  trx: DatabaseTransaction,
  { candidate, rowsStaged }: LoadRow,
): Promise<string | null> {
  if (candidate === null) return 'nothing was staged';
  const name = `candidate.${candidate}`;
  const there = await sql<{ found: boolean }>`
    select exists (
      select from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
      where n.nspname = 'candidate' and c.relname = ${candidate}
    ) as found`.execute(trx);
  if (there.rows[0]?.found !== true) return `${name} is gone`;
  const { rows } = await sql<{
    rows: number;
  }>`select count(*) as rows from ${sql.id('candidate', candidate)}`.execute(trx);
  const found = rows[0]?.rows ?? 0;
  return found === rowsStaged ? null : `${name} has ${found} of the ${rowsStaged} rows that were staged`;
}
