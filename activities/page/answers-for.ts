import { sql, type RawBuilder } from 'kysely';

/**
 * SQL: whether the load `passed`, which its gate let through, answers for the failure of the load `failed` (a NULL row
 * where the ledger has none). Both are of `control.load`, of one model.
 *
 * A load by arrival has the rows of every one before it that did not get through; one of an interval says nothing of other
 * rows than its own, a replay nothing of others than those of the load whose window it reads again. No load says anything
 * of one that was opened after it: pages of two runs may come in another order than their loads. Nor does one by arrival
 * that passed because a backfill's interval gave way to it at its gate: that one comes back, with the same rows. For a
 * day, lest an incident stays open for a run that was terminated.
 */
export const answersFor: RawBuilder<boolean> = sql<boolean>`(
  coalesce(failed.load_id <= passed.load_id, true) and (
    failed.load_id = passed.load_id
    or case
      when passed.read_window ->> 'kind' = 'interval'
        then failed.interval_start = passed.interval_start and failed.interval_end = passed.interval_end
      when passed.read_window ? 'replayOf'
        then passed.read_window ->> 'replayOf' in (failed.load_id::text, failed.read_window ->> 'replayOf')
      else not exists (
        select from control.load as given
        where given.model = failed.model and given.workflow_id = failed.workflow_id
          and given.load_id >= failed.load_id and given.gave_way_at > pg_catalog.now() - interval '1 day'
          and not exists (
            select from control.load as later
            where later.model = given.model and later.workflow_id = given.workflow_id
              and later.load_id > given.load_id and later.gave_way_at is null
              and later.state in ('published', 'empty')))
    end))`;
