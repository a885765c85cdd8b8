-- What deploy granted because a header says so: only that is taken back when the header no longer does.
create table control.role_grant (
  object text not null,  -- gold.dim_stores, or schema gold
  role_name text not null,
  granted_at timestamptz not null default pg_catalog.now(),
  primary key (object, role_name)
);

-- Where the values of each column come from, as the models' SQL says: written anew by every deploy.
create table control.column_lineage (
  model text not null,          -- gold.fct_daily_sales
  column_name text not null,    -- * where the origin has an influence on which rows there are
  from_relation text not null,  -- silver.stg_transactions
  from_column text not null,
  how text not null check (how in ('copied', 'computed', 'rows', 'recomputed')),
  file text not null,
  line int not null,
  primary key (model, column_name, from_relation, from_column, how)
);
create index on control.column_lineage (from_relation, from_column);

grant select on control.column_lineage to weir_loader;
