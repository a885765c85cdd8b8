-- Who may do what. Tables of models get their grants when they are deployed (activities/deploy/grants.ts).
-- The logins are made before the migrations, by infra/ensure-logins.ts.

revoke all on schema public from public;

-- as_of.now() stands in for the clock in every session that runs a model or a suite.
grant usage on schema as_of to weir_loader, weir_publisher, weir_validator;

-- loader: lands records, stages candidates, keeps the books of both.
grant usage on schema bronze, silver, gold, semantic, delta, touched, changes, control to weir_loader;
grant select on all tables in schema control to weir_loader;
grant insert, update on control.landing, control.load, control.incident, control.target to weir_loader;
grant insert, update, delete on control.lease, control.quarantine, control.gate_result to weir_loader;
grant insert on control.retraction, control.decision, control.gate_run to weir_loader;
grant usage on all sequences in schema control to weir_loader;

-- publisher: the only one that writes what readers see, and the only one that moves a watermark.
grant usage on schema bronze, silver, gold, semantic, delta, touched, changes, control to weir_publisher;
grant select on control.landing, control.retraction, control.load, control.watermark, control.target, control.lease,
  control.gate_run, control.decision, control.quarantine to weir_publisher;
grant insert, update, delete on control.watermark, control.target, control.lease to weir_publisher;
grant insert, update on control.load, control.quarantine to weir_publisher;
grant usage on all sequences in schema control to weir_publisher;

-- Candidates belong to the loader that stages them; as the schema's owner the publisher may drop what it has published.
do $$
begin
  if not (select rolsuper from pg_roles where rolname = current_user) then
    -- What a superuser may do anyway: hand a schema over, and speak for the loader about what it will create.
    execute format('grant weir_publisher, weir_loader to %I with inherit true, set true', current_user);
    execute format('grant create on database %I to weir_publisher', current_database());
  end if;
end
$$;
grant usage, create on schema candidate to weir_loader;
grant usage on schema candidate to weir_validator;
alter default privileges for role weir_loader in schema candidate grant select on tables to weir_publisher, weir_validator;
alter schema candidate owner to weir_publisher;

-- validator: runs SQL that suites bring, so it may read the data and nothing of the books: neither results nor quarantine.
grant usage on schema bronze, silver, gold, delta to weir_validator;

-- analytics_reader: what is published for readers.
grant usage on schema gold, semantic to weir_analytics_reader;
