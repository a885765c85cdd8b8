import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';

/**
 * What a monitor would have written of January 2017 and of two models: one was late for 26 minutes one morning and nobody
 * measured for half an hour, the other was late for a night. Three hours of the hourly pipeline were late that night.
 */
export async function sampledMonth(admin: Database): Promise<void> {
  await sql`
    insert into control.objective_promise (kind, subject, target, objective_seconds, unit_seconds, since, measured_to)
    values ('freshness', 'stg_transactions', 0.99, 4500, 60, '2016-12-01Z', '2017-02-01Z'),
      ('freshness', 'fct_daily_sales', 0.99, 4500, 60, '2016-12-01Z', '2017-02-01Z'),
      ('availability', 'hourly', 0.99, 3600, 3600, '2016-12-01Z', '2017-02-01Z')`.execute(admin);
  await sql`
    insert into control.freshness_sample (model, sampled_at, age_seconds, objective_seconds, is_good, station)
    select model, from_minute + make_interval(mins => n), 4500 + 60 * n, 4500, false, station
    from (values ('stg_transactions', timestamptz '2017-01-12 09:21Z', 26, 'source silent'),
      ('fct_daily_sales', timestamptz '2017-01-19 23:48Z', 468, 'gate held')) as late (model, from_minute, minutes, station)
    cross join generate_series(1, late.minutes) as n`.execute(admin);
  await sql`
    insert into control.availability_slot (pipeline, slot_start, slot_end, due_at, is_good, late_models)
    select 'hourly', at, at + interval '1 hour', at + interval '2 hours 5 minutes', false, '{fct_daily_sales}'
    from generate_series(timestamptz '2017-01-19 23:00Z', '2017-01-20 01:00Z', interval '1 hour') as at`.execute(
    admin,
  );
  await sql`
    insert into control.objective_hour (kind, subject, hour, good, bad)
    values ('freshness', 'stg_transactions', '2017-01-12 09:00Z', 44640 - 26 - 30, 26),
      ('freshness', 'fct_daily_sales', '2017-01-20 00:00Z', 44640 - 468, 468),
      ('availability', 'hourly', '2017-01-20 00:00Z', 741, 3)`.execute(admin);
}
