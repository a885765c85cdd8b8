-- What became of each event at each receiver: what `send` wrote down after its last attempt. Written best effort, because
-- a page goes out although this database is down; the incident's workflow is where the whole story stands.
create table control.page_delivery (
  event_id text not null,
  dedup_key text not null,
  notifier text not null,                               -- the receiver, by its name in the routing file
  action text not null check (action in ('trigger', 'update', 'resolve', 'change')),
  state text not null check (state in ('sent', 'failing', 'undelivered')),  -- undelivered: given up
  status int,                                           -- HTTP, of the last attempt; NULL: no answer
  reason text,                                          -- why it is not taken, free of secrets
  attempts int not null,
  first_tried_at timestamptz not null default pg_catalog.now(),
  last_tried_at timestamptz not null default pg_catalog.now(),
  next_try_at timestamptz,                              -- of what fails
  primary key (dedup_key, event_id, notifier)
);
-- What fails or was given up is asked by metrics every few seconds, and by `weir page list`.
create index on control.page_delivery (last_tried_at) where state <> 'sent';

grant select, insert, update, delete on control.page_delivery to weir_loader;
