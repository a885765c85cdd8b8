import { sql } from 'kysely';
import type { Database } from '../../../activities/databases.ts';

/** Promises whose past is written in one statement. */
const AT_ONCE = 100;

/**
 * What became of each promise at each evaluation that could be checked: what the gate's row says is broken is broken. Spans
 * are summed up at once: the trigger, made for one evaluation at a time, would take most of the bench's minutes.
 */
export async function fillPromises(admin: Database): Promise<void> {
  await sql`
    insert into control.promise (model, gate, suite, key, place, type, column_name, unit)
    select model, gate, suite, key, place, type, column_name, case when row_level then 'share' else 'value' end
    from bench.promise order by model, gate, place`.execute(admin);
  const { rows } = await sql<{ last: number }>`select max(promise_id) as last from control.promise`.execute(
    admin,
  );
  await sql`alter table control.promise_result disable trigger sum_up`.execute(admin);
  for (let first = 1; first <= (rows[0]?.last ?? 0); first += AT_ONCE)
    await sql`
      insert into control.promise_result (evaluation_id, evaluated_at, unexpected, elements, observed, lower, upper,
        promise_id, outcome, severity)
      select run.evaluation_id, run.evaluated_at,
        case when promise.unit = 'share' then case when thrown.broken then 9 else thrown.dice % 40 / 39 end end,
        case when promise.unit = 'share' then run.rows_checked end,
        case when promise.unit = 'share' then null when promise.column_name is null then run.rows_checked
          when thrown.broken then 61 + thrown.dice % 9 else 40 + 8 * sin(run.evaluation_id / 3000.0) + thrown.dice % 100 / 40.0 end,
        case when promise.unit = 'share' then case when promise.place = 2 then 0.999 else 1 end
          when promise.column_name is null then 1 else 20 end,
        case when promise.unit = 'share' then null when promise.column_name is null then 1000000 else 60 end,
        promise.promise_id, case when thrown.broken then 'broken' else 'held' end::control.promise_outcome,
        said.severity::control.promise_severity
      from control.promise as promise
      join bench.promise as said on said.model = promise.model and said.gate = promise.gate and said.place = promise.place
      join control.gate_run as run on run.model = promise.model and run.gate = promise.gate and run.outcome <> 'error'
      cross join lateral (select abs(hashint8(run.evaluation_id * 7 + promise.place)::bigint) as dice,
        promise.place = case run.outcome when 'fail' then 2 when 'warn' then 4 else -1 end as broken) as thrown
      where promise.promise_id between ${first} and ${first + AT_ONCE - 1}
      order by promise.promise_id, run.evaluation_id`.execute(admin);
  await sql`
    insert into control.promise_span (promise_id, from_at, first_id, evaluations, broken, worst, low, high, last, lower,
      upper, last_id)
    select promise_id, from_at, min(evaluation_id), count(*), count(*) filter (where outcome <> 'held'), max(outcome),
      min(value), max(value), max(value), max(lower), max(upper), max(evaluation_id)
    from (
      select *, date_bin('6 hours', evaluated_at, timestamptz '2000-01-01 00:00:00+00') as from_at,
        coalesce(observed, (elements - unexpected) / nullif(elements, 0)::float8) as value
      from control.promise_result
    ) as valued group by promise_id, from_at order by promise_id, from_at`.execute(admin);
  await sql`alter table control.promise_result enable trigger sum_up`.execute(admin);
}
