import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { hasRevisions, isState } from '../models/model.ts';
import type { SourceModel } from '../models/model.ts';
import type { Database, DatabaseTransaction } from './databases.ts';
import type { LeftFile } from './extract/files/list-files.ts';
import type { Reader, RereadParts } from './extract/reader.ts';

/** A day of a source, as it is there and in bronze. */
export interface ReconciledDay {
  /** `2017-01-02`; null of rows without a time, and of rows that have not landed where days are those of landing. */
  readonly day: string | null;
  readonly source: number;
  readonly bronze: number;
  /** Rows of the source that bronze does not have. */
  readonly missing: number;
  /** Rows of bronze that the source does not have. */
  readonly extra: number;
  /** Rows that both have with other values. */
  readonly different: number;
  /** Sums of the rows' hashes: equal where the rows are, in whatever order. */
  readonly checksums: { readonly source: string; readonly bronze: string };
}

/** What came of comparing a source with bronze. */
export interface Reconciled {
  readonly source: string;
  /** What a day is: the column that it is of, or `landing`. */
  readonly by: string;
  readonly equal: boolean;
  readonly days: readonly ReconciledDay[];
  /** Files that are in the folder no more: their rows stay in bronze and were not compared. */
  readonly filesGone: number;
  readonly left: readonly LeftFile[];
}

/** What to compare. */
export interface ReconcileInput {
  readonly source: SourceModel;
  readonly reader: Reader;
  /** Days, `[from, to)`; all where null. */
  readonly from: string | null;
  readonly to: string | null;
  readonly landingFolder: string;
  readonly connection: (name: string) => Database;
  readonly signal: AbortSignal;
}

const there = 'pg_temp.weir_there';

/**
 * Reads a source again and compares it with bronze, by day: counts, sums of hashes, and how rows differ. Nothing is
 * written that stays.
 *
 * @param loader the login that lands rows: it may read bronze and make temporary tables.
 */
export async function reconcile(loader: Database, input: ReconcileInput): Promise<Reconciled> {
  const trx = await loader.startTransaction().setIsolationLevel('repeatable read').execute();
  try {
    const { source, reader, landingFolder, connection, signal } = input;
    await sql`create temp table weir_there (like ${sql.table(source.relation)} including defaults) on commit drop`.execute(
      trx,
    );
    const look = { source: { ...source, relation: there }, bronze: source.relation, trx };
    const parts = await reader.reread({ ...look, landingFolder, connection, signal });
    return await compare(trx, input, parts);
  } finally {
    await trx.rollback().execute();
  }
}

async function compare(
  trx: DatabaseTransaction,
  { source, from, to }: ReconcileInput,
  { files, left }: RereadParts,
): Promise<Reconciled> {
  const identity = identityOf(source);
  await tabulate(
    trx,
    'weir_told',
    sql`select ${identity} as id, ${hashOf(source)} as hash, ${source.timeColumn === null ? sql`null::date` : dayOf(source)} as day
      from ${sql.table(there)} as t`,
  );
  await tabulate(trx, 'weir_has', bronzeRows(source, files, identity));
  // Where there is no time, a row of the source is of the day on which it landed.
  if (source.timeColumn === null)
    await sql`update pg_temp.weir_told as t set day = h.day from pg_temp.weir_has as h where h.id = t.id`.execute(
      trx,
    );
  const { rows: days } = await sql<ReconciledDay>`
    with pair as (
      select coalesce(t.day, h.day) as day, t.id as there, h.id as here, t.hash <> h.hash as differs,
        t.hash as hash_there, h.hash as hash_here
      from pg_temp.weir_told as t full join pg_temp.weir_has as h on h.id = t.id and h.number = t.number
    )
    select day::text, count(there) as source, count(here) as bronze, count(there) filter (where here is null) as missing,
      count(here) filter (where there is null) as extra, count(*) filter (where differs) as different,
      jsonb_build_object('source', ${checksum('hash_there')}, 'bronze', ${checksum('hash_here')}) as checksums
    from pair
    where (${from}::date is null or day >= ${from}::date) and (${to}::date is null or day < ${to}::date)
    group by day order by day nulls last`.execute(trx);
  return {
    source: source.name,
    by: source.timeColumn ?? 'landing',
    equal: days.every(({ missing, extra, different }) => missing + extra + different === 0),
    days,
    filesGone: await filesGone(trx, source, files),
    left,
  };
}

function checksum(hash: string): RawBuilder<unknown> {
  const half = (at: number): RawBuilder<unknown> =>
    sql`coalesce(sum(('x' || substr(${sql.ref(hash)}, ${at}::int, 16))::bit(64)::bigint::numeric), 0)::text`;
  return sql`concat_ws(' ', ${half(1)}, ${half(17)})`;
}

/** A row that is there twice has numbers 1 and 2, on both sides. */
async function tabulate(trx: DatabaseTransaction, name: string, rows: RawBuilder<unknown>): Promise<void> {
  await sql`create temp table ${sql.id(name)} on commit drop as
    select r.*, row_number() over (partition by id order by hash) as number from (${rows}) as r`.execute(trx);
  await sql`analyze ${sql.id(name)}`.execute(trx);
}

function bronzeRows(
  source: SourceModel,
  files: readonly string[] | null,
  identity: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const rows = sql`select ${identity} as id, ${hashOf(source)} as hash, ${dayOf(source)} as day`;
  if (files !== null)
    return sql`${rows} from ${sql.table(`delta.${source.name}`)} as t where t._source = any (${[...files]}::text[])`;
  if (isState(source)) return sql`${rows} from ${sql.table(source.relation)} as t`;
  // Of what comes again when it changes, the latest version stands.
  return sql`select distinct on (id) id, hash, day from (
    ${rows}, t._load, t._position from ${sql.table(source.relation)} as t) as t order by id, _load desc, _position desc`;
}

/** What knows a row: its place in a file, the key of a table, or all of its values where it has none. */
function identityOf(source: SourceModel): RawBuilder<unknown> {
  const { key } = source.settings;
  if (hasRevisions(source)) return sql`t._source || ' ' || t._position`;
  if (!Array.isArray(key) || key.length === 0) return hashOf(source);
  return sql`jsonb_build_array(${sql.join(key.map((name) => sql.ref(`t.${String(name)}`)))})::text`;
}

/** The same text of the same values on both sides, as both are of bronze's types. */
function hashOf(source: SourceModel): RawBuilder<unknown> {
  const columns = Object.keys(source.columns).map((name) => sql.ref(`t.${name}`));
  return sql`md5(jsonb_build_array(${sql.join(columns)})::text)`;
}

function dayOf(source: SourceModel): RawBuilder<unknown> {
  const { timeColumn } = source;
  if (timeColumn === null) return sql`t.loaded_at::date`;
  const column = sql.ref(`t.${timeColumn}`);
  const zoned = /^timestamptz|with time zone/.test(source.columns[timeColumn]?.type ?? '');
  return zoned ? sql`(${column} at time zone 'UTC')::date` : sql`${column}::date`;
}

async function filesGone(
  trx: DatabaseTransaction,
  source: SourceModel,
  files: readonly string[] | null,
): Promise<number> {
  if (files === null) return 0;
  const { rows } = await sql<{ gone: number }>`
    select count(distinct file) as gone from control.landing
    where source = ${source.name} and file <> all (${[...files]}::text[])`.execute(trx);
  return rows[0]?.gone ?? 0;
}
