import { sql } from 'kysely';
import { readPublishedModel } from '../../activities/published-model.ts';
import { readColumns } from '../../activities/columns.ts';
import type { PublishedModel } from '../../models/model.ts';
import type { Base } from './database.ts';
import { folders } from './database.ts';
import { asOf, storeCount } from './fill.ts';
import type { SavedState } from './state.ts';
import type { SqlSender } from './send.ts';
import type { HourSeconds } from './weir-hour.ts';

/**
 * The hour as somebody would write it by hand who has read what is quick: the same SELECTs, the window as two literals,
 * one scan a gate, ON CONFLICT and MERGE guarded by version and by what differs, a row of a ledger. Nobody fences it,
 * nothing is kept of what was left out or corrected, and what a gate finds stops it and is not stored.
 */
export async function handWrittenHour(base: Base, saved: SavedState, send: SqlSender): Promise<HourSeconds> {
  const { rows } = await sql<{ end: string }>`
    select pg_snapshot_xmax(pg_current_snapshot())::text as end`.execute(base.admin);
  const window = `_xid >= '${saved.xmax}' and _xid < '${rows[0]?.end ?? ''}'`;
  return {
    stg: await send(await stgHour(base, window)),
    fct: await send(await fctHour(base, saved)),
  };
}

const session = `set search_path = as_of, pg_catalog;
set weir.as_of = '${asOf}';
set client_min_messages = warning;
begin;
create unlogged table if not exists bench.ledger (model text, rows bigint, published_at timestamptz default clock_timestamp());
`;

async function stgHour(base: Base, window: string): Promise<string> {
  const { model, columns } = await read(base, 'stg_transactions');
  const delta = `(select * from bronze.raw_transactions where ${window}) as raw_transactions`;
  const key = 'transaction_id';
  return `${session}
do $$ declare wrong bigint; begin
  select count(*) filter (where transaction_id is null) + count(*) filter (where store_id is null)
    + count(*) filter (where transaction_timestamp is null)
    + count(*) filter (where total_amount < 0 or total_amount > 100000)
    + count(*) filter (where store_id not in (select store_id from gold.dim_stores))
    + (max(transaction_timestamp) < timestamptz '${asOf}' at time zone 'UTC' - interval '1 hour')::integer
    + (count(*) not between 1 and 20000000)::integer
    + (select count(*) from (select transaction_id from bronze.raw_transactions where ${window}
        group by transaction_id having count(*) > 1) as repeated)
  into wrong from bronze.raw_transactions where ${window};
  if wrong > 0 then raise exception 'the input gate found %', wrong; end if;
end $$;
create unlogged table bench.hand_stg as
select distinct on (${key}) selected.* from (${model.sql.replace('delta.raw_transactions', delta)}) as selected
order by ${key}, _revision desc, _load desc, _position desc;
do $$ declare wrong bigint; begin
  select count(*) filter (where transaction_id is null) + count(*) filter (where store_id is null)
    + count(*) filter (where transaction_timestamp is null) + count(*) filter (where transaction_date is null)
    + count(*) filter (where transaction_hour is null or transaction_hour not between 0 and 23)
    + count(*) filter (where total_amount not between 0 and 100000) + count(*) filter (where item_count is null)
  into wrong from bench.hand_stg;
  if wrong > 0 then raise exception 'the output gate found %', wrong; end if;
end $$;
insert into silver.stg_transactions as t (${columns.join(', ')})
select ${columns.join(', ')} from bench.hand_stg
on conflict (${key}) do update set ${assignments(columns, [key])}
where (excluded._revision, excluded._load, excluded._position) >= (t._revision, t._load, t._position)
  and (${compared('excluded', columns)}) is distinct from (${compared('t', columns)});
insert into bench.ledger (model, rows) select 'stg_transactions', count(*) from bench.hand_stg;
drop table bench.hand_stg;
commit;
`;
}

async function fctHour(base: Base, { xmax }: SavedState): Promise<string> {
  const { model, columns } = await read(base, 'fct_daily_sales');
  const select = model.sql.replace('touched.fct_daily_sales', 'bench.hand_keys as fct_daily_sales');
  const key = ['transaction_date', 'store_id'];
  const sameKey = 't.transaction_date = c.transaction_date and t.store_id = c.store_id';
  return `${session}
create unlogged table bench.hand_keys as
select distinct transaction_date, store_id from silver.stg_transactions
where _xid >= '${xmax}' and transaction_date is not null;
analyze bench.hand_keys;
create unlogged table bench.hand_fct as ${select};
do $$ declare wrong bigint; begin
  select count(*) filter (where daily_sales_key is null) + count(*) filter (where gross_sales is null or gross_sales < 0)
    + count(*) filter (where transaction_count is null or transaction_count < 1) + count(*) - count(distinct daily_sales_key)
    + count(*) - count(distinct (transaction_date, store_id)) + count(*) filter (where store_name is null)
  into wrong from bench.hand_fct;
  if wrong > 0 then raise exception 'the gate found %', wrong; end if;
end $$;
insert into gold.fct_daily_sales as t (${columns.join(', ')})
select ${columns.join(', ')} from bench.hand_fct
on conflict (${key.join(', ')}) do update set ${assignments(columns, key)}
where (${compared('excluded', columns)}) is distinct from (${compared('t', columns)});
delete from gold.fct_daily_sales as t using bench.hand_keys as c
where ${sameKey} and not exists (
  select from bench.hand_fct as f where f.transaction_date = c.transaction_date and f.store_id = c.store_id);
insert into bench.ledger (model, rows) select 'fct_daily_sales', count(*) from bench.hand_fct;
drop table bench.hand_keys, bench.hand_fct;
commit;
`;
}

async function read(
  { admin }: Base,
  name: string,
): Promise<{ readonly model: PublishedModel; readonly columns: readonly string[] }> {
  const { model } = await readPublishedModel(folders, name);
  const columns = await admin.transaction().execute((trx) => readColumns(trx, model.layer, model.name));
  return { model, columns: columns.map((column) => column.name).filter((column) => column !== '_xid') };
}

function assignments(columns: readonly string[], key: readonly string[]): string {
  const set = columns.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`);
  return [...set, '_xid = default'].join(', ');
}

function compared(alias: string, columns: readonly string[]): string {
  return columns
    .filter((name) => name !== 'transformed_at' && name !== 'last_updated')
    .map((name) => `${alias}.${name}`)
    .join(', ');
}

/** Whether the hour is in both targets; throws where it is not. For whoever does not count by itself. */
export async function mustHaveHour(
  { admin }: Base,
  { xmax }: SavedState,
  rows: { readonly transactions: number; readonly keys: number },
  who: string,
): Promise<void> {
  const { rows: found } = await sql<{ transactions: number; keys: number; sold: number }>`
    select (select count(*) from silver.stg_transactions where _xid >= ${xmax}::xid8) as transactions,
      (select count(*) from gold.fct_daily_sales as f left join bench.fct_daily_sales as b using (transaction_date, store_id)
        where f.transaction_count > coalesce(b.transaction_count, 0)) as keys,
      (select sum(f.transaction_count)::bigint from gold.fct_daily_sales as f)
        - (select sum(b.transaction_count)::bigint from bench.fct_daily_sales as b) as sold`.execute(admin);
  const { transactions, keys, sold } = found[0] ?? {};
  if (transactions === rows.transactions && keys === rows.keys && sold === rows.transactions) return;
  throw new Error(
    `${who} should have published ${rows.transactions} rows and ${rows.keys} keys of ${storeCount} stores, not ${JSON.stringify(found[0])}`,
  );
}
