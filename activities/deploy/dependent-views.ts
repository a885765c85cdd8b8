import { sql } from 'kysely';
import { qualified } from '../../models/relation-name.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { invalidModel } from '../target.ts';
import { define } from './statement.ts';

interface DependentView {
  readonly schema: string;
  readonly name: string;
  /** Made by deploy, which makes it again; any other is somebody's own. */
  readonly made: boolean;
  /** Reads one of the columns of the relation itself, or a view that deploy makes. */
  readonly inTheWay: boolean;
}

/**
 * Drops the views over a relation that deploy makes itself and makes again later, so that its columns can change.
 *
 * @param columns that will change; all of them when left out.
 * @throws ApplicationFailure `InvalidModel` (not retryable) naming the views that somebody else made and that would go with
 *   them.
 */
export async function dropDependentViews(
  trx: DatabaseTransaction,
  doing: string,
  relation: string,
  columns: readonly string[] | null = null,
): Promise<void> {
  const views = await dependentViews(trx, relation, columns);
  const foreign = views.filter(({ made, inTheWay }) => !made && inTheWay);
  if (foreign.length > 0) {
    const names = foreign.map(({ schema, name }) => `${schema}.${name}`).join(', ');
    throw invalidModel(
      `${doing}: ${names} would be lost, as ${columns === null ? relation.replaceAll('"', '') : `${columns.join(', ')} of ${relation}`.replaceAll('"', '')} changes under it. ` +
        'Weir did not make it: drop it, run weir migrate, and make it again.',
    );
  }
  const made = views.filter((view) => view.made);
  if (made.length === 0) return;
  await define(trx, `drop view ${made.map(({ schema, name }) => qualified(schema, name)).join(', ')}`);
}

/** Every view that reads a relation, through others too. A view that deploy made says so in its comment. */
async function dependentViews(
  trx: DatabaseTransaction,
  relation: string,
  columns: readonly string[] | null,
): Promise<readonly DependentView[]> {
  const { rows } = await sql<DependentView>`
    with recursive reads (reader, read, attnum) as (
      select w.ev_class, d.refobjid, d.refobjsubid
      from pg_catalog.pg_rewrite as w
      join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
      where d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid <> w.ev_class
    ), dependent (oid) as (
      select reader from reads where read = to_regclass(${relation})
      union
      select reads.reader from dependent join reads on reads.read = dependent.oid
    ), views as (
      select c.oid, n.nspname as schema, c.relname as name,
        c.relkind = 'v' and coalesce(obj_description(c.oid, 'pg_class') ~ '^weir [0-9a-f]{32}$', false) as made
      from dependent
      join pg_catalog.pg_class as c on c.oid = dependent.oid
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    )
    select v.schema, v.name, v.made,
      exists (
        select from reads left join views as other on other.oid = reads.read
        where reads.reader = v.oid and (other.made or (reads.read = to_regclass(${relation}) and (
          ${columns === null}::boolean or reads.attnum in (
            select attnum from pg_catalog.pg_attribute
            where attrelid = to_regclass(${relation}) and attname = any (${columns === null ? [] : [...columns]}::text[])
          )
        )))
      ) as "inTheWay"
    from views as v order by v.schema, v.name`.execute(trx);
  return rows;
}
