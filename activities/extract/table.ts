import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceModel } from '../../models/model.ts';
import type { DatabaseTransaction } from '../databases.ts';
import type { Extracted, Extraction, Reader, SettingProblem } from './reader.ts';

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
export const reader: Reader = { check, extract };

const namePattern = /^[a-z_][a-z0-9_]*$/;

function check(source: SourceModel): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  const { relation, key } = source.settings;
  if (
    typeof relation !== 'string' ||
    relation.split('.').length !== 2 ||
    !relation.split('.').every((part) => namePattern.test(part))
  ) {
    problems.push({
      problem: 'settings.relation is not schema.name',
      mend: 'Write for example relation: operational.stores.',
    });
  }
  const columns = Object.keys(source.columns);
  if (
    !Array.isArray(key) ||
    key.length === 0 ||
    !key.every((one) => columns.some((column) => column === one))
  ) {
    problems.push({
      problem: 'settings.key does not list columns of the source',
      mend: `They are ${columns.join(', ')}.`,
    });
  }
  return problems;
}

function settingsOf({ settings }: SourceModel): TableSettings {
  const { relation, key } = settings;
  return { relation: String(relation), key: Array.isArray(key) ? key.map(String) : [] };
}

async function extract({ source, loader }: Extraction): Promise<Extracted> {
  const settings = settingsOf(source);
  const rows = await loader.transaction().execute(async (trx) => {
    // Two merges of one table at once could both insert a key: the second waits, and then finds nothing to do.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`weir.extract ${source.name}`}, 0))`.execute(
      trx,
    );
    await requireTable(trx, source, settings);
    const merged = await mergeTable(source, settings).execute(trx);
    return merged.rows[0]?.written ?? 0;
  });
  return { files: 0, rows, rejected: 0, retractedFiles: 0 };
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

/**
 * A row that changed goes and comes again: matched by its key it could hide another row of that key, and only one that
 * lands is met by the gate that asks for unique keys.
 */
function mergeTable(source: SourceModel, { relation, key }: TableSettings): RawBuilder<{ written: number }> {
  const columns = Object.keys(source.columns);
  const list = (alias: string, names: readonly string[]): RawBuilder<unknown> =>
    sql.join(names.map((name) => sql.ref(`${alias}.${name}`)));
  const bare = sql.join(columns.map((name) => sql.ref(name)));
  return sql<{ written: number }>`
    with sequence as materialized (select nextval('control.load_sequence') as load),
    told as (
      select ${list('o', columns)}, row_number() over (order by ${list('o', key)}) as _position, sequence.load as _load,
        md5(jsonb_build_array(${list('o', columns)})::text)::uuid as _record_hash
      from ${sql.table(relation)} as o cross join sequence
    ),
    written as (
      merge into ${sql.table(source.relation)} as t
      using told as s on t._record_hash = s._record_hash
      when not matched then insert (${bare}, _source, _revision, _load, _position, _record_hash)
        values (${list('s', columns)}, ${relation}, 1, s._load, s._position, s._record_hash)
      when not matched by source then delete
      returning jsonb_build_array(${list('t', key)}) as key
    )
    select count(distinct key) as written from written`;
}
