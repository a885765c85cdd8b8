import { sql } from 'kysely';
import { until } from '../poll.ts';
import type { TestWeir } from './weir.ts';

/** Stations of the walk that a trap can stop midway, with the write that each is caught at. */
const CAUGHT_AT = {
  extract: { table: 'bronze.raw_transactions', event: 'insert', when: null },
  open: { table: 'control.load', event: 'insert', when: `new.model = 'stg_transactions'` },
  gate: { table: 'control.gate_run', event: 'insert', when: null },
  stage: { table: 'control.load', event: 'update', when: `new.state = 'staged'` },
  publish: { table: 'silver.stg_transactions', event: 'insert', when: null },
  quarantine: { table: 'control.batch_quarantine', event: 'insert', when: null },
  hold: { table: 'control.lease', event: 'update', when: `new.state = 'held'` },
  decide: { table: 'control.decision', event: 'insert', when: null },
  page: { table: 'control.incident', event: 'insert', when: null },
} as const;

export type Station = keyof typeof CAUGHT_AT;

/** A station caught in the middle of its transaction. */
export interface Trap {
  /** Resolves once somebody is in it. */
  caught(): Promise<void>;
  /** Resolves once nobody is in it any more, although it is shut: whoever was has been stopped. */
  left(): Promise<void>;
  /** Lets everybody through from now on. */
  open(): Promise<void>;
}

const LOCK = 20_170_102;

/**
 * Makes a station wait in the middle of its work, in Postgres itself: whoever is caught has begun its transaction and
 * not committed it. Built of triggers, so that the code under test is the code that ships.
 */
export async function setTrap({ database }: TestWeir, station: Station): Promise<Trap> {
  const { table, event, when } = CAUGHT_AT[station];
  await sql`create schema if not exists trap`.execute(database.admin);
  await sql`grant usage on schema trap to public`.execute(database.admin);
  await sql`
    create or replace function trap.wait() returns trigger language plpgsql as $$
    begin
      perform pg_catalog.pg_advisory_xact_lock_shared(20170102);
      return new;
    end
    $$`.execute(database.admin);
  const condition = when === null ? sql`` : sql`when (${sql.raw(when)})`;
  await sql`
    create trigger zz_trap before ${sql.raw(event)} on ${sql.table(table)}
    for each row ${condition} execute function trap.wait()`.execute(database.admin);
  const holder = await holdLock(database);
  const someone = (): Promise<boolean> => isSomeoneIn(database);
  return {
    caught: async () => {
      await until(someone, { what: `${station} is caught`, timeoutMs: 60_000 });
    },
    left: async () => {
      await until(async () => !(await someone()), { what: `${station} is stopped`, timeoutMs: 30_000 });
    },
    open: holder.release,
  };
}

async function isSomeoneIn({ admin }: TestWeir['database']): Promise<boolean> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from pg_locks
    where locktype = 'advisory' and objid = ${LOCK} and not granted
      and database = (select oid from pg_database where datname = current_database())`.execute(admin);
  return (rows[0]?.n ?? 0) > 0;
}

/** An advisory lock belongs to a session: it is held by a connection that does nothing else. */
async function holdLock({ admin }: TestWeir['database']): Promise<{ release(): Promise<void> }> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let done: Promise<void> = Promise.resolve();
  await new Promise<void>((held, failed) => {
    done = admin
      .connection()
      .execute(async (connection) => {
        await sql`select pg_advisory_lock(${LOCK})`.execute(connection);
        held();
        await released;
        await sql`select pg_advisory_unlock(${LOCK})`.execute(connection);
      })
      .catch(failed);
  });
  return {
    release: async () => {
      release();
      await done;
    },
  };
}
