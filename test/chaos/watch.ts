import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import { badAmount } from './site.ts';

/** What readers found: how often they looked, and what must not be. */
export interface Watched {
  looks: number;
  readonly violations: Set<string>;
}

const targets = {
  stg_transactions: 'silver.stg_transactions',
  stg_pos_events: 'silver.stg_pos_events',
  fct_daily_sales: 'gold.fct_daily_sales',
  dim_stores: 'gold.dim_stores',
  dim_products: 'gold.dim_products',
  stg_inventory: 'silver.stg_inventory',
  inventory_realtime: 'gold.inventory_realtime',
} as const;

/** Looks again and again, each time in one transaction as any reader would, until told to stop. */
export async function watch(stopped: () => boolean, admin: Database, watched: Watched): Promise<void> {
  while (!stopped()) {
    const found = await look(admin).catch(() => null); // Postgres may be down.
    if (found !== null) watched.looks += 1;
    for (const violation of found ?? []) watched.violations.add(violation);
    await pause(60);
  }
}

/** @returns sentences; none when all is as it must be. */
export async function look(admin: Database): Promise<readonly string[]> {
  return admin
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const found: string[] = [];
      for (const [model, table] of Object.entries(targets)) {
        const sums = sql<{ what: string }>`
          select format('a reader saw %s rows of %s where the ledger sums to %s', seen, ${model}::text, told) as what
          from (select (select count(*) from ${sql.table(table)}) as seen,
            (select coalesce(sum(rows_inserted - rows_deleted), 0) from control.load
              where model = ${model} and state = 'published') as told) as both_of
          where seen <> told`;
        found.push(...(await sums.execute(trx)).rows.map(({ what }) => what));
      }
      found.push(...(await invariants.execute(trx)).rows.map(({ what }) => what));
      return found;
    });
}

/** Each SELECT names what it finds. Windows by arrival are to be one chain: each begins where the one before ended. */
const invariants = sql<{ what: string }>`
  with window_of as (
    select l.load_id, l.model, d.key as relation, d.value->>'from' as from_snapshot, d.value->>'to' as to_snapshot
    from control.load as l cross join lateral jsonb_each(l.read_window->'deltas') as d
    where l.state in ('published', 'empty') and l.read_window->>'kind' = 'arrival'
  ), chain as (
    select *, lag(to_snapshot) over before as ended, row_number() over after as from_last
    from window_of
    window before as (partition by model, relation order by load_id),
      after as (partition by model, relation order by load_id desc)
  )
  select what from audit.violation
  union all
  select format('load %s of %s began at another place of %s than the one before had ended', load_id, model, relation)
  from chain where from_snapshot is distinct from ended
  union all
  select format('the watermark of %s on %s is not where its last load ended', c.model, c.relation)
  from chain as c left join control.watermark as w on (w.model, w.relation) = (c.model, c.relation)
  where c.from_last = 1 and w.snapshot::text is distinct from c.to_snapshot
  union all
  select format('%s was published %s times and has %s published loads', t.model, t.publishes, count(l.load_id))
  from control.target as t left join control.load as l on l.model = t.model and l.state = 'published'
  group by t.model having t.publishes <> count(l.load_id)
  union all
  select format('a watermark of %s moved in a transaction that published nothing', m.model)
  from audit.moved as m
  where not exists (select from audit.ended as e where (e.model, e.load_id, e.xid) = (m.model, m.load_id, m.xid))
  union all
  select format('load %s of %s was published and moved no watermark', e.load_id, e.model)
  from audit.ended as e
  where e.kind = 'arrival' and not exists (select from audit.moved as m where (m.load_id, m.xid) = (e.load_id, e.xid))
  union all
  select format('load %s of %s was published and its gate had not let it through', l.load_id, l.model)
  from control.load as l
  where l.state = 'published' and not exists (
    select from control.gate_run as g where g.load_id = l.load_id and g.gate = 'output' and not g.blocks)
  union all
  select format('a row that no gate let through is in silver.stg_transactions')
  from silver.stg_transactions where total_amount = ${badAmount}::numeric`;
