import { sql } from 'kysely';
import { at, hours, startBackfill } from '../setup/backfills.ts';
import { baskets } from '../setup/baskets.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';
import { guidedWeir } from './guided-weir.ts';

/** Baskets of four hours, one hour later those of another whose store nobody knows; loads that took half a second. */
export const prepare: PrepareGuide = async (): Promise<PreparedGuide> => {
  const { weir, env, close } = await guidedWeir();
  await weir.loadDimensions();
  await weir.land('transactions/1.jsonl', hours(6, 10, 3));
  await weir.land('transactions/2.jsonl', baskets(900, 908, { ...at(10), store_id: null }));
  // Lands them; nothing of theirs is loaded.
  const day = { from: '2017-01-01T00:00:00Z', to: '2017-01-01T01:00:00Z' };
  await (await startBackfill(weir, day)).result();
  await sql`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline,
      as_of, sql_hash, opened_at, published_at)
    select model, 'hourly', 'earlier', 'x', 'published', '{"kind": "whole"}', '', 1, now(), '', now() - took, now()
    from (values ('stg_transactions', interval '0.4 s'), ('fct_daily_sales', interval '0.6 s')) as earlier (model, took)`.execute(
    weir.database.admin,
  );
  return {
    env,
    varying: [
      [/backfill-hourly-[0-9a-f]{8}/g, 'backfill-hourly-ID'],
      [/http:\/\/localhost:\d+\/namespaces\/[^/]+/g, 'UI'],
      [/^\d+ of \d+ · .*\n/gm, ''],
      [/about \d+ (?:seconds?|minutes?)/g, 'about N seconds'],
      [/held until \S+Z/g, 'held until THEN'],
      [/reset this run to event \d+/g, 'reset this run to event N'],
    ],
    close,
  };
};
