-- What a hash in control.target and in the ledger stands for, so that weir plan can show what has changed since it was
-- published. A run notes the models that it plans, before it loads any.
create table control.model_text (
  model text not null,
  sql_hash text not null,
  text text not null,
  seen_at timestamptz not null default pg_catalog.now(),
  primary key (model, sql_hash)
);
grant select, insert on control.model_text to weir_loader;
