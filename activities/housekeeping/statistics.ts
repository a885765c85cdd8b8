import { sql } from 'kysely';
import type { Database } from '../databases.ts';
import { counted } from './chore.ts';
import type { Chore } from './chore.ts';

/**
 * Gathers statistics where they are older than what the planner has to know: tables of the layers of which a tenth has
 * changed since, or that have none. Autovacuum looks after tables and partitions soon after they change, but never after a
 * partitioned table as a whole, and not where it was switched off or is late.
 *
 * @see https://www.postgresql.org/docs/18/routine-vacuuming.html#VACUUM-FOR-STATISTICS
 */
export const gatherStatistics: Chore = async ({ databases: { loader }, dryRun, signal }) => {
  const [done, left]: [string[], string[]] = [[], []];
  for (const { schema, name, parent, allowed, changed } of await findStale(loader)) {
    signal.throwIfAborted();
    const why = parent ? 'as a whole' : `${counted(changed, 'row')} changed`;
    if (!allowed) {
      left.push(`${schema}.${name}: weir_loader may not gather its statistics; run weir migrate`);
      continue;
    }
    // Of a parent alone: each of its partitions has been looked after by itself.
    if (!dryRun) await sql`analyze ${parent ? sql`only` : sql``} ${sql.id(schema, name)}`.execute(loader);
    done.push(`${schema}.${name}: ${dryRun ? 'would gather' : 'gathered'} statistics, ${why}`);
  }
  return { done, left, warnings: [] };
};

interface Stale {
  readonly schema: string;
  readonly name: string;
  /** A partitioned table. */
  readonly parent: boolean;
  readonly allowed: boolean;
  readonly changed: number;
}

/** Of a partitioned table nothing is counted: it is stale when one of its partitions is, or was looked after since. */
async function findStale(loader: Database): Promise<readonly Stale[]> {
  const { rows } = await sql<Stale>`
    with known as (
      select n.nspname as schema, c.relname as name, c.oid, c.relkind = 'p' as parent,
        has_table_privilege(c.oid, 'maintain') as allowed,
        coalesce(s.n_mod_since_analyze, 0) as changed, greatest(s.last_analyze, s.last_autoanalyze) as seen,
        s.n_live_tup > 0 and (greatest(s.last_analyze, s.last_autoanalyze) is null
          or s.n_mod_since_analyze > 0.1 * s.n_live_tup) as stale
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      left join pg_catalog.pg_stat_all_tables as s on s.relid = c.oid
      where n.nspname in ('bronze', 'bronze_partition', 'silver', 'gold', 'changes') and c.relkind in ('r', 'p')
    )
    select k.schema, k.name, k.parent, k.allowed, k.changed from known as k
    where case when k.parent then exists (
        select from pg_catalog.pg_inherits as i join known as below on below.oid = i.inhrelid
        where i.inhparent = k.oid and (below.stale or below.seen > coalesce(k.seen, '-infinity'))
      ) else k.stale end
    order by k.parent, k.schema, k.name`.execute(loader);
  return rows;
}
