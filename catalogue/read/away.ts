import { sql, type RawBuilder } from 'kysely';

/**
 * SQL: whether `load` was given up for a run that its own comes after, and that one has not come back: its batch is loaded
 * again when its turn comes. For a day, as on-call's books have it (`activities/page/answers-for.ts`).
 */
export const isAway: RawBuilder<boolean> = sql<boolean>`coalesce(
  load.gave_way_at > pg_catalog.now() - interval '1 day' and not exists (
    select from control.load as later
    where later.model = load.model and later.workflow_id = load.workflow_id and later.load_id > load.load_id), false)`;
