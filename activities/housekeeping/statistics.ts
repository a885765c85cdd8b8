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

/** Of a partitioned table the counters say nothing: its partitions' do, since it was looked after. */
async function findStale(loader: Database): Promise<readonly Stale[]> {
  const { rows } = await sql<Stale>`
    with known as (
      select n.nspname as schema, c.relname as name, c.relkind = 'p' as parent, c.oid,
        has_table_privilege(c.oid, 'maintain') as allowed,
        coalesce(case when c.relkind = 'p' then below.changed else s.n_mod_since_analyze end, 0) as changed,
        coalesce(case when c.relkind = 'p' then below.rows else s.n_live_tup end, 0) as rows,
        greatest(s.last_analyze, s.last_autoanalyze) as seen, below.seen as below_seen
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      left join pg_catalog.pg_stat_all_tables as s on s.relid = c.oid
      left join lateral (
        select sum(p.n_mod_since_analyze) as changed, sum(p.n_live_tup) as rows,
          max(greatest(p.last_analyze, p.last_autoanalyze)) as seen
        from pg_catalog.pg_inherits as i join pg_catalog.pg_stat_all_tables as p on p.relid = i.inhrelid
        where i.inhparent = c.oid
      ) as below on true
      where n.nspname in ('bronze', 'silver', 'gold', 'changes') and c.relkind in ('r', 'p') and not c.relispartition
    )
    select schema, name, parent, allowed, changed from known
    where rows > 0 and case
      when seen is null then true
      when parent then below_seen > seen or changed > 0.1 * rows
      else changed > 0.1 * rows
    end
    order by schema, name`.execute(loader);
  return rows;
}
