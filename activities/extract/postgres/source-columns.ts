import { sql } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import { columnsOf } from '../records/column-type.ts';
import type { SourceDrift } from '../reader.ts';

/** How a source's relation compares with its header. */
export interface Comparison {
  readonly drift: readonly SourceDrift[];
  /** Columns of the relation that the header does not name. */
  readonly unread: readonly string[];
}

interface Found {
  readonly name: string;
  readonly type: string;
  /** Of the type without its modifier, where every server has it. */
  readonly oid: number | null;
}

/**
 * Compares the columns of a source's relation, as its catalogue has them, with the header's. A type is as good as the
 * header's where Postgres turns it into that by itself: an integer is a bigint, everything is a text.
 *
 * @param there the source's database. @param here ours, whose types the header names.
 */
export async function compareColumns(
  there: DatabaseTransaction,
  here: DatabaseTransaction,
  source: SourceModel,
  relation: string,
): Promise<Comparison> {
  const { rows: found } = await sql<Found>`
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
      case when a.atttypid < 10000 then a.atttypid::int end as oid
    from pg_catalog.pg_attribute as a
    where a.attrelid = to_regclass(${relation}) and a.attnum > 0 and not a.attisdropped`.execute(there);
  const wanted = columnsOf(source);
  const change = `or change ${source.file}; then reloadAndRetry. Nothing of ${relation} lands until then.`;
  if (found.length === 0) {
    const problem = `${relation} is not there, or not for this login`;
    const mend = `At the source: grant usage on its schema and select on ${relation} to the login of settings.connection, ${change}`;
    return { drift: [{ column: null, problem, mend }], unread: [] };
  }
  const byName = new Map(found.map((one) => [one.name, one]));
  const fitting = await fittingColumns(here, source, byName);
  const drift = wanted.flatMap(({ name, type }): readonly SourceDrift[] => {
    const there = byName.get(name);
    if (there === undefined) {
      const mend = `Have it put back at the source, ${change}`;
      return [{ column: name, problem: `${relation} has no column ${name}`, mend }];
    }
    if (fitting.has(name)) return [];
    const problem = `${name} of ${relation} is ${there.type} and in the header ${type}`;
    return [{ column: name, problem, mend: `Have it changed back at the source, ${change}` }];
  });
  const names = new Set(wanted.map(({ name }) => name));
  return { drift, unread: found.map(({ name }) => name).filter((name) => !names.has(name)) };
}

/** The columns whose type at the source is as good as the header's. */
async function fittingColumns(
  here: DatabaseTransaction,
  source: SourceModel,
  found: ReadonlyMap<string, Found>,
): Promise<ReadonlySet<string>> {
  const columns = columnsOf(source).flatMap(({ name, type }) => {
    const there = found.get(name);
    return there === undefined ? [] : [{ name, wanted: type, oid: there.oid }];
  });
  const { rows } = await sql<{ name: string }>`
    select name from jsonb_to_recordset(${JSON.stringify(columns)}::jsonb) as c (name text, wanted text, oid oid)
    where to_regtype(wanted) in ('text'::regtype, 'character varying'::regtype) or oid = to_regtype(wanted)::oid
      or (oid = 'timestamptz'::regtype and to_regtype(wanted) = 'timestamp'::regtype)
      or exists (select from pg_catalog.pg_cast where castsource = c.oid and casttarget = to_regtype(wanted) and castcontext = 'i')
    `.execute(here);
  return new Set(rows.map(({ name }) => name));
}
