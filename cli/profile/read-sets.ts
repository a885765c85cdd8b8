import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../activities/databases.ts';
import type { Batch } from '../../expectations/compile.ts';
import { isList } from '../../expectations/json.ts';
import type { Json } from '../../expectations/json.ts';
import type { CatalogueColumn } from '../../expectations/scan.ts';
import type { Member } from '../../expectations/value-set.ts';
import { fromBatch } from './measure-columns.ts';
import { membersOf, MOST_MEMBERS } from './sample-columns.ts';

/** GROUPING takes at most 31 arguments. @see https://www.postgresql.org/docs/18/functions-aggregate.html */
const A_SCAN = 30;
/** Further columns get no set: more scans than this are not worth it. */
const MOST_COLUMNS = 2 * A_SCAN;

/** All values of columns that have few in a sample, from the whole batch: one scan for 30 columns. */
export async function readSets(
  trx: DatabaseTransaction,
  batch: Batch,
  columns: readonly CatalogueColumn[],
): Promise<{ readonly sets: ReadonlyMap<string, readonly Member[]>; readonly scans: number }> {
  const sets = new Map<string, readonly Member[]>();
  const asked = columns.slice(0, MOST_COLUMNS);
  let scans = 0;
  for (let from = 0; from < asked.length; from += A_SCAN) {
    const some = asked.slice(from, from + A_SCAN);
    const { rows } = await valuesOf(batch, some).execute(trx);
    scans += 1;
    for (const { column, values } of rows) {
      const known = some[Number(column)];
      if (known === undefined || !isList(values) || values.length > MOST_MEMBERS) continue;
      sets.set(known.name, membersOf(values.map(String), known.category));
    }
  }
  return { sets, scans };
}

function valuesOf(batch: Batch, columns: readonly CatalogueColumn[]) {
  const names = columns.map(({ name }) => sql.id(name));
  const which = names.map((name, place) => sql`when grouping(${name}) = 0 then ${place}::integer`);
  const value = names.map((name) => sql`when grouping(${name}) = 0 then ${name}::text`);
  const sets = names.map((name) => sql`(${name})`);
  const grouped = sql`select case ${sql.join(which, sql` `)} end as place, case ${sql.join(value, sql` `)} end as v
    from ${fromBatch(batch)} group by grouping sets (${sql.join(sets)})`;
  const numbered = sql`select place, v, row_number() over (partition by place) as number from (${grouped}) as grouped where v is not null`;
  return sql<{ readonly column: Json; readonly values: Json }>`
    select place as "column", jsonb_agg(v) as values from (${numbered}) as numbered
    where number <= ${MOST_MEMBERS + 1}::integer group by place`;
}
