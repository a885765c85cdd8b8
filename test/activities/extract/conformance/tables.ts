import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceHands, SourcePlace, SourceRecord } from './harness.ts';

/**
 * A source that is a table, `outside.records`. Its numbers are wider than the header's, so that a record can be wrong.
 *
 * @param more statements of the source's own.
 */
export async function tableHands(
  { database: { admin } }: SourcePlace,
  more: readonly RawBuilder<unknown>[] = [],
): Promise<SourceHands> {
  await sql`create schema outside`.execute(admin);
  await sql`create table outside.records (seq bigint, id varchar(100), name text, amount numeric, big bigint, at timestamptz,
    born date, more jsonb, unread int)`.execute(admin);
  await sql`create unique index on outside.records (id)`.execute(admin);
  await sql`grant usage on schema outside to weir_loader`.execute(admin);
  await sql`grant select on outside.records to weir_loader`.execute(admin);
  for (const one of more) await one.execute(admin);
  const put = async (records: readonly SourceRecord[]): Promise<void> => {
    await sql`insert into outside.records (seq, id, name, amount, big, at, born, more)
      select seq, id, name, amount, big, at, born, more::jsonb from jsonb_to_recordset(${JSON.stringify(records)}::jsonb)
        as r (seq bigint, id text, name text, amount numeric, big bigint, at timestamptz, born date, more text)
      on conflict (id) do update set (seq, name, amount, big, at, born, more) =
        (excluded.seq, excluded.name, excluded.amount, excluded.big, excluded.at, excluded.born, excluded.more)`.execute(
      admin,
    );
  };
  return {
    put,
    change: (record) => put([record]),
    remove: async (id) => {
      await sql`delete from outside.records where id = ${id}`.execute(admin);
    },
  };
}
