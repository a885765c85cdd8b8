import { sql, type RawBuilder } from 'kysely';

/**
 * SQL: whether the load `passed`, which its gate let through, answers for the failure of the load `failed` (a NULL row
 * where the ledger has none). Both are of `control.load`, of one model.
 *
 * A load by arrival has the rows of every one before it that did not get through; one of an interval says nothing of other
 * rows than its own, a replay nothing of others than those of the load whose window it reads again. No load says anything
 * of one that was opened after it: pages of two runs may come in another order than their loads. Nor does one that passed
 * because a backfill's interval gave way to it at its gate, while that one comes back: for a day, lest an incident
 * stays open for a run that was terminated.
 */
export const answersFor: RawBuilder<boolean> = sql<boolean>`(
  coalesce(failed.load_id <= passed.load_id, true) and (
    failed.load_id = passed.load_id
    or case
      when passed.read_window ->> 'kind' = 'interval'
        then failed.interval_start = passed.interval_start and failed.interval_end = passed.interval_end
      when passed.read_window ? 'replayOf'
        then passed.read_window ->> 'replayOf' in (failed.load_id::text, failed.read_window ->> 'replayOf')
      else failed.gave_way_at is null
        or failed.gave_way_at < pg_catalog.now() - interval '1 day'
        or exists (
          select from control.load as later
          where later.model = failed.model and later.workflow_id = failed.workflow_id
            and later.load_id > failed.load_id and later.gave_way_at is null
            and later.state not in ('open', 'staged'))
    end))`;
