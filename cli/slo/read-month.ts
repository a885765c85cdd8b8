import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';

/** How one objective did in a month, by what is promised now. */
export interface ObjectiveMonth {
  readonly kind: 'freshness' | 'availability';
  /** A model, or a pipeline whose intervals are to be on time. */
  readonly subject: string;
  /** Share of the minutes in which a model is to be young enough, or of the intervals that are to be on time. */
  readonly target: number;
  /** The age, or how long after its time an interval is due. */
  readonly objectiveSeconds: number;
  /** Minutes, or intervals. */
  readonly good: number;
  readonly bad: number;
  /** Minutes that nobody measured: the monitor or the database was down. They count as not met. */
  readonly unmeasured: number;
  /** Share of all of them. */
  readonly met: number;
  /** Of what may go wrong in the whole month; below 0 it is overspent. An interval counts with its length. */
  readonly budgetLeftMinutes: number;
  /** The longest that it was broken without a break; null where it never was, or the single samples are gone. */
  readonly worst: { readonly from: string; readonly minutes: number } | null;
}

/** A month of objectives, as `weir slo --json` prints it. */
export interface Month {
  /** `2017-01`. */
  readonly month: string;
  /** What was measured until then counts: the month's end, or now. ISO 8601, UTC. */
  readonly until: string;
  readonly objectives: readonly ObjectiveMonth[];
}

interface Row {
  readonly objective: Omit<ObjectiveMonth, 'worst'>;
  readonly until: Date;
  readonly worst: ObjectiveMonth['worst'];
}

/** Reads a month. Those that nothing was measured of in it are left out. @param month its first moment, UTC. */
export async function readMonth(database: Database, month: Date): Promise<Month> {
  const { rows } = await sql<Row>`
    with month as (
      select ${month}::timestamptz as begins, ${month}::timestamptz + interval '1 month' as ends,
        least(${month}::timestamptz + interval '1 month', date_trunc('minute', now())) as until
    ),
    counted as (
      select p.*, sums.good, sums.bad, month.until,
        case p.kind when 'freshness' then greatest(0, ceil(extract(epoch from
          month.until - greatest(p.since, month.begins)) / p.unit_seconds)::bigint - sums.good - sums.bad) else 0 end as unmeasured,
        (1 - p.target) * extract(epoch from month.ends - month.begins)::float8 / 60 as budget
      from month
      cross join control.objective_promise as p
      cross join lateral (
        select coalesce(sum(h.good), 0) as good, coalesce(sum(h.bad), 0) as bad from control.objective_hour as h
        where h.kind = p.kind and h.subject = p.subject and h.hour >= month.begins and h.hour < month.ends
      ) as sums
      where sums.good + sums.bad > 0
    ),
    bad as (${badStretches})
    select c.until,
      jsonb_build_object('kind', c.kind, 'subject', c.subject, 'target', c.target, 'objectiveSeconds', c.objective_seconds,
        'good', c.good, 'bad', c.bad, 'unmeasured', c.unmeasured, 'met', c.good / (c.good + c.bad + c.unmeasured)::float8,
        'budgetLeftMinutes', c.budget - (c.bad + c.unmeasured) * c.unit_seconds / 60) as objective,
      case when worst.minutes is not null then jsonb_build_object(
        'from', to_char(worst.starts at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'minutes', worst.minutes) end as worst
    from counted as c
    left join lateral (
      select * from bad where bad.kind = c.kind and bad.subject = c.subject order by bad.minutes desc, bad.starts limit 1
    ) as worst on true
    order by c.kind desc, c.subject`.execute(database);
  return {
    month: month.toISOString().slice(0, 7),
    until: (rows[0]?.until ?? month).toISOString(),
    objectives: rows.map(({ objective, worst }) => ({ ...objective, worst })),
  };
}

/** Bad minutes, or intervals, that follow one another are one stretch. */
const badStretches = sql`
  select kind, subject, min(at) as starts, count(*) * max(unit_seconds) / 60 as minutes
  from (
    select each.*, at - make_interval(secs => unit_seconds * row_number() over (partition by kind, subject order by at)) as stretch
    from (
      select c.kind, c.subject, c.unit_seconds, s.sampled_at as at
      from counted as c cross join month
      join control.freshness_sample as s on s.model = c.subject and not s.is_good
        and s.sampled_at >= month.begins and s.sampled_at < month.ends
      where c.kind = 'freshness'
      union all
      select c.kind, c.subject, c.unit_seconds, s.slot_start
      from counted as c cross join month
      join control.availability_slot as s on s.pipeline = c.subject and not s.is_good
        and s.slot_end >= month.begins and s.slot_end < month.ends
      where c.kind = 'availability'
    ) as each
  ) as placed
  group by kind, subject, stretch`;
