-- When runs read each source last, and when it brought something then: of some readers nothing else tells.
create table control.source_read (
  source text primary key,
  read_at timestamptz not null,
  brought_at timestamptz  -- rows, or files that were taken back
) with (fillfactor = 80);

grant select, insert, update on control.source_read to weir_loader;
grant select on control.source_read to weir_catalogue_reader;
