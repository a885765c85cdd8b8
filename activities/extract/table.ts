import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceModel } from '../../models/model.ts';
import { cancelWith } from '../cancel-query.ts';
import { readColumns } from '../columns.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { typeNames } from '../deploy/catalog.ts';
import { checkKey, isRelation } from './postgres/settings.ts';
import { compareColumns } from './postgres/source-columns.ts';
import type { Extracted, Extraction, Reader, Reread, RereadParts, SettingProblem } from './reader.ts';
import { columnsOf, readAs } from './records/column-type.ts';

/** Settings of a source read from a table of the same server. */
interface TableSettings {
  /** `schema.name`. */
  readonly relation: string;
  /** Columns that know a row. */
  readonly key: readonly string[];
}

/**
 * Makes a bronze table what a table of the same server says now. Only rows that differ are written, so that what reads
 * bronze by arrival meets only those; a row that is gone there goes here.
 */
export const reader: Reader = { check, extract, reread };

function check(source: SourceModel): readonly SettingProblem[] {
  const problem = {
    problem: 'settings.relation is not schema.name',
    mend: 'Write for example relation: operational.stores.',
  };
  return [...(isRelation(source.settings['relation']) ? [] : [problem]), ...checkKey(source)];
}

function settingsOf({ settings }: SourceModel): TableSettings {
  const { relation, key } = settings;
  return { relation: String(relation), key: Array.isArray(key) ? key.map(String) : [] };
}

async function extract(extraction: Extraction): Promise<Extracted> {
  const { loader, signal } = extraction;
  return loader
    .transaction()
    .execute((trx) => cancelWith(signal, loader, trx, () => extractIn(trx, extraction)));
}

async function extractIn(trx: DatabaseTransaction, { source, run }: Extraction): Promise<Extracted> {
  const settings = settingsOf(source);
  const nothing = { files: 0, rows: 0, rejected: 0, retractedFiles: 0 };
  // Two merges of one table at once could both insert a key: the second waits, and then finds nothing to do.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`weir.extract ${source.name}`}, 0))`.execute(trx);
  await requireTable(trx, source, settings);
  const { drift, unread } = await compareColumns(trx, trx, source, settings.relation);
  if (drift.length > 0) return { ...nothing, drift };
  const wrong = await wrongColumn(trx, source, settings);
  const { rows } = await mergeTable(source, settings, wrong, run.workflowId).execute(trx);
  const { written = 0, rejected = 0 } = rows[0] ?? {};
  return { ...nothing, rows: written, rejected, ...(unread.length > 0 ? { unread } : {}) };
}

async function reread({ source, trx }: Reread): Promise<RereadParts> {
  const settings = settingsOf(source);
  const names = columnsOf(source).map(({ name }) => sql.ref(name));
  const wrong = await wrongColumn(trx, source, settings);
  await sql`
    insert into ${sql.table(source.relation)} (${sql.join(names)}, _source, _revision, _load, _position, _record_hash)
    select ${sql.join(names)}, ${settings.relation}, 1, 0, 0, '00000000-0000-0000-0000-000000000000'
    from ${sql.table(settings.relation)} as o where ${wrong} is null`.execute(trx);
  return { files: null, left: [] };
}

async function requireTable(
  trx: DatabaseTransaction,
  source: SourceModel,
  { relation }: TableSettings,
): Promise<void> {
  const { rows } = await sql<{ readable: boolean | null }>`
    select has_table_privilege(to_regclass(${relation}), 'select') as readable
    where has_schema_privilege(to_regnamespace(split_part(${relation}, '.', 1)), 'usage')`.execute(trx);
  if (rows[0]?.readable === true) return;
  throw ApplicationFailure.nonRetryable(
    `${source.file} reads ${relation}, which does not exist or is not for this login. Create it, then: ` +
      `grant usage on schema ${relation.split('.')[0] ?? ''} to weir_loader; grant select on ${relation} to weir_loader;`,
    'InvalidInput',
  );
}

/** The name of a column whose value bronze's type cannot hold, of those that are of another type there; NULL of a good row. */
async function wrongColumn(
  trx: DatabaseTransaction,
  source: SourceModel,
  { relation }: TableSettings,
): Promise<RawBuilder<unknown>> {
  const there = await readColumns(trx, relation.split('.')[0] ?? '', relation.split('.')[1] ?? '');
  const known = await typeNames(
    trx,
    columnsOf(source).map(({ type }) => type),
  );
  const types = new Map(there.map(({ name, type }) => [name, type]));
  const other = columnsOf(source).filter(({ name, type }) => types.get(name) !== known.get(type));
  const cases = other.map(
    ({ name, type }) =>
      sql`when not pg_input_is_valid(${sql.ref(`o.${name}`)}::text, ${readAs(type)}) then ${`${name} is not ${type}`}`,
  );
  return cases.length === 0 ? sql`null::text` : sql`(case ${sql.join(cases, sql` `)} end)::text`;
}

/**
 * A row that changed goes and comes again: matched by its key it could hide another row of that key, and only one that
 * lands is met by the gate that asks for unique keys.
 */
function mergeTable(
  source: SourceModel,
  { relation, key }: TableSettings,
  wrong: RawBuilder<unknown>,
  workflowId: string,
): RawBuilder<{ written: number; rejected: number }> {
  const columns = Object.keys(source.columns);
  const list = (alias: string, names: readonly string[]): RawBuilder<unknown> =>
    sql.join(names.map((name) => sql.ref(`${alias}.${name}`)));
  const bare = sql.join(columns.map((name) => sql.ref(name)));
  return sql<{ written: number; rejected: number }>`
    with sequence as materialized (select nextval('control.load_sequence') as load),
    told as (
      select ${list('o', columns)}, row_number() over (order by ${list('o', key)}) as _position, sequence.load as _load,
        md5(jsonb_build_array(${list('o', columns)})::text)::uuid as _record_hash, ${wrong} as _wrong
      from ${sql.table(relation)} as o cross join sequence
    ),
    rejected as (
      insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id)
      select ${source.relation}, ${relation}, 1, _load * 1000000000 + _position, _wrong,
        jsonb_build_array(${list('t', columns)})::text, ${workflowId}
      from told as t where _wrong is not null and not exists (
        select from control.quarantine as q where q.relation = ${source.relation} and q.file = ${relation}
          and md5(q.record)::uuid = t._record_hash)
      returning position
    ),
    written as (
      merge into ${sql.table(source.relation)} as t
      using (select * from told where _wrong is null) as s on t._record_hash = s._record_hash
      when not matched then insert (${bare}, _source, _revision, _load, _position, _record_hash)
        values (${list('s', columns)}, ${relation}, 1, s._load, s._position, s._record_hash)
      when not matched by source then delete
      returning jsonb_build_array(${list('t', key)}) as key
    )
    select count(distinct key) as written, (select count(*) from rejected) as rejected from written`;
}
