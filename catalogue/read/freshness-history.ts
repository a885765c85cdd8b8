import { sql } from 'kysely';
import type { Site } from '../site.ts';

/** A stretch of time of a model's age. */
export interface AgeBucket {
  readonly from: Date;
  /** Youngest and oldest that it was found, seconds. */
  readonly low: number;
  readonly high: number;
  /** What its header promised then, seconds. */
  readonly objective: number;
  /** Minutes in which that was met, and in which it was not. */
  readonly good: number;
  readonly bad: number;
}

/** How fresh a model was, and what is left of what may go wrong. */
export interface FreshnessHistory {
  /** 24 hours, or as long as it is measured, oldest first. A stretch that nobody measured is not there. */
  readonly day: readonly AgeBucket[];
  /** Length of its stretches, seconds: 15 minutes, or less where it is not measured for a day yet. */
  readonly dayBucketSeconds: number;
  /** 30 days in stretches of 6 hours. */
  readonly month: readonly AgeBucket[];
  /** Of the last 30 days; null where nothing has been measured yet. */
  readonly objective: ObjectiveStanding | null;
}

/** What became of an objective in 30 days. */
export interface ObjectiveStanding {
  readonly target: number;
  readonly objectiveSeconds: number;
  readonly good: number;
  readonly bad: number;
  /** Minutes in which nobody looked: they count as not met. */
  readonly unmeasured: number;
  /** Share of all minutes. */
  readonly met: number | null;
  /** Share of what may go wrong; below 0 it is overspent. Null where the target allows nothing and something did. */
  readonly budgetLeft: number | null;
  readonly burning: boolean;
  /** The first sample; of earlier days nothing counts. */
  readonly since: Date;
}

/** Reads how old a model was, minute by minute, in stretches. */
export async function readFreshnessHistory(site: Site, model: string): Promise<FreshnessHistory> {
  const { database } = site;
  const standing = await sql<ObjectiveStanding>`
    select o.target, o.objective_seconds as "objectiveSeconds", o.good, o.bad, o.unmeasured, o.met_30d as met,
      o.budget_left as "budgetLeft", o.burning, p.since
    from control.objective as o join control.objective_promise as p using (kind, subject)
    where o.kind = 'freshness' and o.subject = ${model}`.execute(database);
  const objective = standing.rows[0] ?? null;
  const dayBucketSeconds = bucketOf(
    objective === null ? DAY : (site.at.getTime() - objective.since.getTime()) / 1000,
  );
  const [day, month] = await Promise.all([
    dayOf(site, model, dayBucketSeconds).execute(database),
    monthOf(site, model).execute(database),
  ]);
  return { day: day.rows, dayBucketSeconds, month: month.rows, objective };
}

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];

/** Some 96 stretches, in an installation of an hour as in one of a year. */
function bucketOf(measuredSeconds: number): number {
  if (measuredSeconds <= 1.5 * HOUR) return MINUTE;
  return measuredSeconds <= 8 * HOUR ? 5 * MINUTE : 15 * MINUTE;
}

function dayOf({ at }: Site, model: string, bucketSeconds: number) {
  return sql<AgeBucket>`
    select date_bin(make_interval(secs => ${bucketSeconds}), s.sampled_at, 'epoch') as "from", min(s.age_seconds) as low, max(s.age_seconds) as high,
      max(s.objective_seconds) as objective, count(*) filter (where s.is_good) as good, count(*) filter (where not s.is_good) as bad
    from control.freshness_sample as s
    where s.model = ${model} and s.sampled_at > ${at}::timestamptz - interval '24 hours' and s.sampled_at <= ${at}::timestamptz
    group by 1 order by 1`;
}

/**
 * Samples of one model lie a page apart from one another, so of a month every 23rd is looked up by the key: hours have no
 * rhythm of 23 minutes, so what grows old every hour is met at its oldest. How many minutes were met is counted by the hour
 * already.
 */
function monthOf({ at }: Site, model: string) {
  return sql<AgeBucket>`
    with looked as (
      select date_bin('6 hours', minute, 'epoch') as "from", min(s.age_seconds) as low, max(s.age_seconds) as high,
        max(s.objective_seconds) as objective
      from generate_series(date_bin('6 hours', ${at}::timestamptz - interval '30 days', 'epoch') + interval '6 hours',
        ${at}::timestamptz, '23 minutes') as minute
      cross join lateral (
        select s.age_seconds, s.objective_seconds from control.freshness_sample as s
        where s.model = ${model} and s.sampled_at = minute limit 1
      ) as s
      group by 1
    ),
    counted as (
      select date_bin('6 hours', h.hour, 'epoch') as "from", sum(h.good)::int as good, sum(h.bad)::int as bad
      from control.objective_hour as h
      where h.kind = 'freshness' and h.subject = ${model} and h.hour > ${at}::timestamptz - interval '31 days'
      group by 1
    )
    select looked."from", looked.low, looked.high, looked.objective, coalesce(counted.good, 0) as good,
      coalesce(counted.bad, 0) as bad
    from looked left join counted using ("from") order by 1`;
}
