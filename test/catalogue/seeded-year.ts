import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';

/** What a year of an hourly model is made of. */
export interface SeededModel {
  readonly model: string;
  /** Gates and their suites. */
  readonly gates: Readonly<Partial<Record<'input' | 'output', string>>>;
  /** The relation that its windows by arrival read. */
  readonly delta: string;
  readonly hours?: number;
  /** False where its age was never measured. */
  readonly measured?: boolean;
}

/**
 * The control rows of an hourly model: a load an hour up to now, its verdicts, and its freshness of 30 days by the minute.
 * Every hundredth verdict is a warning, every thousandth a failure that was overridden; on the 20th and
 * 21st day back the model was too old for five hours.
 */
export async function seedYear(
  db: Database,
  { model, gates, delta, hours = 365 * 24, measured = true }: SeededModel,
): Promise<void> {
  await sql`insert into control.load (model, pipeline, workflow_id, run_id, state, is_empty, read_window, system_identifier,
      timeline, as_of, rows_read, rows_staged, rows_inserted, rows_updated, rows_unchanged, rows_deleted, rows_quarantined, sql_hash,
      opened_at, staged_at, published_at)
    select ${model}, 'hourly', 'hourly-' || n, 'run-' || n, case when n % 50 = 7 then 'empty' else 'published' end, n % 50 = 7,
      jsonb_build_object('kind', 'arrival', 'deltas', jsonb_build_object(${delta}::text, jsonb_build_object('from', '5:5:', 'to', '9:9:'))),
      '1', 1, at, 1000, 1000, 800 + (n * 37) % 300, (n * 13) % 90, 0, case when n % 20 = 0 then 3 else 0 end, case when n % 40 = 0 then 2 else 0 end,
      'x', at, at + interval '20 seconds',
      case when n % 50 <> 7 then at + make_interval(secs => 30 + (n * 7) % 40) end
    from generate_series(1, ${hours}::int) as n
    cross join lateral (select now() - make_interval(hours => ${hours}::int - n) - interval '20 minutes' as at) as t`.execute(
    db,
  );
  for (const [gate, suite] of Object.entries(gates))
    await sql`insert into control.gate_run (verdict_id, load_id, model, gate, suite, suite_hash, outcome, blocks, rows_checked,
        expectations_evaluated, expectations_failed, as_of, workflow_id, run_id, evaluated_at)
      select md5(${model} || ${gate} || load_id)::uuid, load_id, model, ${gate}, ${suite}, 'h', said.outcome, said.outcome = 'fail',
        1000, 12, case said.outcome when 'pass' then 0 else 1 end, as_of, workflow_id, run_id, opened_at + interval '10 seconds'
      from control.load
      cross join lateral (
        select case when load_id % 1000 = 9 then 'fail' when load_id % 100 = 9 then 'warn' else 'pass' end as outcome
      ) as said
      where model = ${model} and state = 'published'`.execute(db);
  if (measured) await seedFreshness(db, model);
}

/** Thirty days of samples and their hours, good but for five hours on two days. */
async function seedFreshness(db: Database, model: string): Promise<void> {
  await sql`insert into control.freshness_sample (model, sampled_at, age_seconds, objective_seconds, is_good)
    select ${model}, at, age, 4500, age <= 4500 from (
      select at, 300 + extract(minute from at) * 60 + case when extract(epoch from now() - at) between 20 * 86400 and 20 * 86400 + 18000
        then (20 * 86400 + 18000 - extract(epoch from now() - at)) else 0 end as age
      from generate_series(date_trunc('minute', now()) - interval '30 days', date_trunc('minute', now()), '1 minute') as at
    ) as aged`.execute(db);
  await sql`insert into control.objective_hour (kind, subject, hour, good, bad)
    select 'freshness', ${model}, date_trunc('hour', sampled_at, 'UTC'), count(*) filter (where is_good), count(*) filter (where not is_good)
    from control.freshness_sample where model = ${model} group by 3`.execute(db);
  await sql`insert into control.objective_promise (kind, subject, target, objective_seconds, unit_seconds, since, measured_to)
    values ('freshness', ${model}, 0.99, 4500, 60, date_trunc('minute', now()) - interval '30 days', date_trunc('minute', now()))`.execute(
    db,
  );
}
