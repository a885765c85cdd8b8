import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import { bucketOf, hashedRows, knownHashes } from './buckets.ts';
import type { Buckets } from './buckets.ts';
import { fetchTexts } from './row-texts.ts';

/** A source's rows that we do not have. */
interface Missing {
  readonly query: RawBuilder<{ readonly text: string }>;
  /** Those of a piece that are missing. */
  readonly choose: (texts: readonly string[]) => Promise<readonly string[]>;
}

function inBuckets(hash: RawBuilder<unknown>, { count, differing }: Buckets): RawBuilder<unknown> {
  return sql`${bucketOf(hash, count)} = any (${`{${differing.join(',')}}`}::int[])`;
}

/** Notes which hashes the source has in buckets that differ, and which of them are missing here. */
export async function noteTold(
  here: DatabaseTransaction,
  there: DatabaseTransaction,
  source: SourceModel,
  buckets: Buckets,
  signal: AbortSignal,
): Promise<void> {
  await sql`create temp table weir_told (hash text not null) on commit drop`.execute(here);
  const hashes = sql<{ text: string }>`
    select hash as text from ${hashedRows(source)} as t where ${inBuckets(sql`hash`, buckets)}`;
  for await (const told of fetchTexts(there, hashes)) {
    signal.throwIfAborted();
    await sql`insert into pg_temp.weir_told select unnest(${`{${told.join(',')}}`}::text[])`.execute(here);
  }
  await sql`analyze pg_temp.weir_told`.execute(here);
  await sql`create temp table weir_missing on commit drop as
    select distinct hash from pg_temp.weir_told as t
    where not exists (select from ${knownHashes(source)} as k where k.hash = t.hash)`.execute(here);
  await sql`analyze pg_temp.weir_missing`.execute(here);
}

/** Takes the rows out of bronze that the source has no more, and notes their keys. */
export async function removeGone(
  here: DatabaseTransaction,
  source: SourceModel,
  buckets: Buckets,
  key: readonly string[],
): Promise<void> {
  const hash = sql`replace(b._record_hash::text, '-', '')`;
  await sql`create temp table weir_gone (key text) on commit drop`.execute(here);
  await sql`
    with gone as (
      delete from ${sql.table(source.relation)} as b
      where ${inBuckets(hash, buckets)} and not exists (select from pg_temp.weir_told as t where t.hash = ${hash})
      returning ${keyOf('b', key)} as key
    )
    insert into pg_temp.weir_gone select key from gone`.execute(here);
}

/** How to ask for what is missing; null where nothing is. Most of what differs is asked for as a whole, a few rows by their hashes. */
export async function missingRows(
  here: DatabaseTransaction,
  source: SourceModel,
  buckets: Buckets,
): Promise<Missing | null> {
  const { rows } = await sql<{ rows: number }>`select count(*) as rows from pg_temp.weir_missing`.execute(
    here,
  );
  const missing = rows[0]?.rows ?? 0;
  if (missing === 0) return null;
  const from = sql`select text from ${hashedRows(source)} as t`;
  if (missing * 2 > buckets.rows) {
    const query = sql<{ text: string }>`${from} where ${inBuckets(sql`hash`, buckets)}`;
    return { query, choose: (texts) => chooseMissing(here, texts) };
  }
  const { rows: list } = await sql<{ hashes: string }>`
    select array_agg(hash)::text as hashes from pg_temp.weir_missing`.execute(here);
  const query = sql<{
    text: string;
  }>`${from} where hash in (select unnest(${list[0]?.hashes ?? '{}'}::text[]))`;
  return { query, choose: (texts) => chooseMissing(here, texts) };
}

/** Each missing row once, however often the source has it. */
async function chooseMissing(
  here: DatabaseTransaction,
  texts: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await sql<{ text: string }>`
    with told as (select distinct text, md5(text) as hash from unnest(${[...texts]}::text[]) as t (text)),
    taken as (delete from pg_temp.weir_missing as m using told where m.hash = told.hash returning told.text)
    select text from taken`.execute(here);
  return rows.map(({ text }) => text);
}

/** Rows that were written, as the keys that changed: one that changed was taken out and put in. */
export async function writtenRows(
  here: DatabaseTransaction,
  source: SourceModel,
  key: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ rows: number }>`
    select count(*) as rows from (
      select key from pg_temp.weir_gone
      union select ${keyOf('b', key)} from ${sql.table(source.relation)} as b where b._xid = pg_current_xact_id()
    ) as k`.execute(here);
  return rows[0]?.rows ?? 0;
}

function keyOf(alias: string, key: readonly string[]): RawBuilder<string> {
  return sql<string>`jsonb_build_array(${sql.join(key.map((name) => sql.ref(`${alias}.${name}`)))})::text`;
}
