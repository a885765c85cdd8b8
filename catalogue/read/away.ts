import { sql, type RawBuilder } from 'kysely';

/**
 * SQL: whether a load was given up for a run that its own comes after, and that one has not come back: its batch is loaded
 * again when its turn comes. For a day, as on-call's books have it (`activities/page/answers-for.ts`).
 *
 * @param load what the statement calls the row of `control.load`.
 */
export function isAway(load: 'load' | 'loaded'): RawBuilder<boolean> {
  const of = (column: string) => sql.ref(`${load}.${column}`);
  return sql<boolean>`coalesce(
    ${of('gave_way_at')} > pg_catalog.now() - interval '1 day' and not exists (
      select from control.load as later
      where later.model = ${of('model')} and later.workflow_id = ${of('workflow_id')}
        and later.load_id > ${of('load_id')}), false)`;
}
