import { sql } from 'kysely';
import type { Database } from '../../../activities/databases.ts';

/** Minutes of 35 days, hours and slots of all: as long as each is kept. */
export async function fillObjectives(admin: Database): Promise<void> {
  await sql`
    insert into control.freshness_sample (model, sampled_at, age_seconds, objective_seconds, is_good, station)
    select model, minute, age, objective, age <= objective,
      case when age > objective then 'its load is behind' end
    from (
      select model.model, minute, model.objective,
        case model.schedule when 'hourly' then extract(minute from minute) * 60 + 600
          else extract(hour from minute) * 3600 + extract(minute from minute) * 60 end
          + case when abs(hashint4(extract(epoch from minute)::int / 3600 * 31 + model.no)::bigint) % 200 = 0 then 6000 else 0 end as age
      from generate_series(
        greatest((select min(starts) from bench.slot), date_trunc('minute', now()) - interval '35 days'),
        date_trunc('minute', now()), interval '1 minute') as minute
      cross join bench.model as model where model.objective is not null
    ) as sampled order by minute, model`.execute(admin);
  await sql`
    insert into control.objective_hour (kind, subject, hour, good, bad)
    select 'freshness', model.model, slot.starts, 60 - bad, bad from bench.slot as slot cross join bench.model as model
    cross join lateral (select case when abs(hashint4(slot.no * 31 + model.no)::bigint) % 200 = 0 then 20 else 0 end as bad) as thrown
    where model.objective is not null order by slot.no, model.no`.execute(admin);
  await sql`
    insert into control.objective_promise (kind, subject, target, objective_seconds, unit_seconds, since, measured_to)
    select 'freshness', model, 0.99, objective, 60, (select min(starts) from bench.slot), date_trunc('minute', now())
    from bench.model where objective is not null
    union all
    select 'availability', schedule, 0.99, 1800, 3600, (select min(starts) from bench.slot), (select max(starts) from bench.slot)
    from bench.model group by schedule`.execute(admin);
  await sql`
    insert into control.availability_slot (pipeline, slot_start, slot_end, due_at, is_good, judged_at)
    select 'hourly', starts, starts + interval '1 hour', starts + interval '90 minutes',
      abs(hashint4(no)::bigint) % 300 > 0, starts + interval '90 minutes' from bench.slot`.execute(admin);
  await sql`
    insert into control.objective_hour (kind, subject, hour, good, bad)
    select 'availability', 'hourly', starts, (abs(hashint4(no)::bigint) % 300 > 0)::int, (abs(hashint4(no)::bigint) % 300 = 0)::int
    from bench.slot`.execute(admin);
}
