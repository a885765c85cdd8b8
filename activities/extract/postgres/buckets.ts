import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import { rowText } from './row-texts.ts';
import { postgresSettings } from './settings.ts';

/** Rows of a bucket, about. */
const rowsOfABucket = 5000;
const mostBuckets = 4096;

/** In which parts of a table the source and bronze differ. */
export interface Buckets {
  /** Rows at the source, and rows that bronze or quarantine has of it. */
  readonly there: number;
  readonly here: number;
  readonly count: number;
  readonly differing: readonly number[];
  /** Rows of the source in buckets that differ. */
  readonly rows: number;
}

/** Bucket of a row by the first 28 bits of its hash. @param hash hexadecimal text. */
export function bucketOf(hash: RawBuilder<unknown>, count: number): RawBuilder<number> {
  return sql<number>`(('x0' || substr(${hash}, 1, 7))::bit(32)::int % ${count}::int)`;
}

/** The rows of a source as it stands there: `text`, and `hash` in hexadecimal. */
export function hashedRows(source: SourceModel): RawBuilder<unknown> {
  const { relation } = postgresSettings(source);
  return sql`(select text, md5(text) as hash from (
    select ${rowText('t', Object.keys(source.columns))} as text from ${sql.table(relation)} as t) as t)`;
}

/**
 * What we have of a source: rows of bronze, and of quarantine what could not land, which must not be fetched again and
 * again.
 */
export function knownHashes(source: SourceModel): RawBuilder<unknown> {
  const { relation } = postgresSettings(source);
  return sql`(select replace(_record_hash::text, '-', '') as hash from ${sql.table(source.relation)}
    union all select md5(record) from control.quarantine where relation = ${source.relation} and file = ${relation})`;
}

/** Compares counts and sums of hashes by bucket: one scan of each side, and a few numbers travel. */
export async function differingBuckets(
  here: DatabaseTransaction,
  there: DatabaseTransaction,
  source: SourceModel,
): Promise<Buckets> {
  const { relation } = postgresSettings(source);
  const counted = await one(there, sql`select count(*) as rows from ${sql.table(relation)}`);
  const landed = await one(here, sql`select count(*) as rows from ${sql.table(source.relation)}`);
  const count = Math.min(mostBuckets, Math.max(1, Math.ceil(Math.max(counted, landed) / rowsOfABucket)));
  const [told, known] = [
    await sums(there, hashedRows(source), count),
    await sums(here, knownHashes(source), count),
  ];
  const differing = [...told.keys(), ...known.keys()].filter(
    (bucket) => told.get(bucket)?.sum !== known.get(bucket)?.sum,
  );
  const rows = differing.reduce((all, bucket) => all + (told.get(bucket)?.rows ?? 0), 0);
  return { there: counted, here: landed, count, differing: [...new Set(differing)], rows };
}

async function one(db: DatabaseTransaction, query: RawBuilder<{ rows: number }>): Promise<number> {
  return (await query.execute(db)).rows[0]?.rows ?? 0;
}

interface Sum {
  readonly rows: number;
  readonly sum: string;
}

/** Rows that are there twice count once: a hash can tell no more. */
async function sums(
  db: DatabaseTransaction,
  rows: RawBuilder<unknown>,
  count: number,
): Promise<ReadonlyMap<number, Sum>> {
  const part = (at: number): RawBuilder<unknown> =>
    sql`sum(('x' || substr(hash, ${at}::int, 8))::bit(32)::int::bigint)`;
  const { rows: found } = await sql<{ bucket: number; rows: number; sum: string }>`
    select ${bucketOf(sql`hash`, count)} as bucket, count(*) as rows,
      concat_ws(' ', count(*), ${sql.join([part(1), part(9), part(17), part(25)])}) as sum
    from (select distinct hash from ${rows} as t) as t group by 1`.execute(db);
  return new Map(found.map(({ bucket, rows: times, sum }) => [bucket, { rows: times, sum }]));
}
