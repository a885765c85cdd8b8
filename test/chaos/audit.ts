import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';

/**
 * Lays triggers that write down, in the very transaction, what must never happen: a watermark that goes back, a version
 * that goes back, a load that comes back after its end. What is rolled back has not happened, and is not written.
 * `audit.moved` and `audit.ended` say which transactions moved a watermark and which ended a load.
 */
export async function layAudit(admin: Database): Promise<void> {
  await sql`create schema audit`.execute(admin);
  await sql`create table audit.violation (what text, at timestamptz default clock_timestamp())`.execute(
    admin,
  );
  await sql`create table audit.moved (model text, load_id bigint, xid xid8)`.execute(admin);
  await sql`create table audit.ended (model text, load_id bigint, kind text, xid xid8)`.execute(admin);
  await watchWatermarks(admin);
  await watchLoads(admin);
  await watchVersions(admin);
}

async function watchWatermarks(admin: Database): Promise<void> {
  await sql`
    create function audit.watch_watermark() returns trigger language plpgsql security definer as $$
    begin
      insert into audit.moved values (new.model, new.load_id, pg_catalog.pg_current_xact_id());
      if tg_op = 'UPDATE' and (
        pg_catalog.pg_snapshot_xmax(new.snapshot) < pg_catalog.pg_snapshot_xmax(old.snapshot)
        or exists (
          select from pg_catalog.pg_snapshot_xip(new.snapshot) as x (xid)
          where xid < pg_catalog.pg_snapshot_xmax(old.snapshot)
            and pg_catalog.pg_visible_in_snapshot(xid, old.snapshot))
      ) then
        insert into audit.violation values (format('the watermark of %s on %s went back', new.model, new.relation));
      end if;
      return null;
    end $$`.execute(admin);
  await sql`create trigger audit after insert or update on control.watermark
    for each row execute function audit.watch_watermark()`.execute(admin);
}

async function watchLoads(admin: Database): Promise<void> {
  await sql`
    create function audit.watch_load() returns trigger language plpgsql security definer as $$
    begin
      if old.state in ('published', 'empty', 'abandoned') and new.state <> old.state then
        insert into audit.violation values (format('load %s of %s was %s and became %s', old.load_id, old.model, old.state, new.state));
      end if;
      if new.state in ('published', 'empty') and old.state <> new.state then
        insert into audit.ended values (new.model, new.load_id, new.read_window->>'kind', pg_catalog.pg_current_xact_id());
      end if;
      return null;
    end $$`.execute(admin);
  await sql`create trigger audit after update on control.load
    for each row execute function audit.watch_load()`.execute(admin);
}

async function watchVersions(admin: Database): Promise<void> {
  await sql`
    create function audit.watch_version() returns trigger language plpgsql security definer as $$
    begin
      if row(new._revision, new._load, new._position) < row(old._revision, old._load, old._position)
        and not exists (select from control.retraction as r where r.file = old._source and r.revision = old._revision)
      then
        insert into audit.violation values (format('an older version replaced a newer one in %s', tg_table_name));
      end if;
      return null;
    end $$`.execute(admin);
  for (const table of ['stg_transactions', 'stg_pos_events', 'stg_inventory']) {
    await sql`create trigger audit after update on ${sql.table(`silver.${table}`)}
      for each row execute function audit.watch_version()`.execute(admin);
  }
}
