import { sql } from 'kysely';
import { currentTo } from '../../activities/sample/age.ts';
import { isPublished, isSource } from '../../models/model.ts';
import { deltaReaders, wholeReaders } from '../../models/readers.ts';
import type { Site } from '../site.ts';

/** What the control tables know of a published model that bears on how it stands. */
export interface ModelFacts {
  /** Everything that had arrived by then is published (`activities/sample/age.ts`). */
  readonly currentTo: Date | null;
  readonly publishedAt: Date | null;
  readonly lease: 'running' | 'held' | 'expired' | null;
  readonly leaseSince: Date | null;
  /** The run that has the lease is known to have ended. */
  readonly leaseEnded: boolean;
  readonly verdictId: string | null;
  readonly gate: string | null;
  readonly suite: string | null;
  readonly outcome: string | null;
  readonly failed: number | null;
  readonly evaluated: number | null;
  /** Where its rows are when it is too old, as the monitor saw it within the last five minutes. */
  readonly station: string | null;
  /** What the monitor saw then: nobody has to wait. Null where it did not look. */
  readonly isGood: boolean | null;
}

/** The same of a source. */
export interface SourceFacts {
  /** When something arrived last; null where nothing did, and of what only tells its state. */
  readonly arrivedAt: Date | null;
  /** When a run read it, or a load of what reads it began, last. */
  readonly readAt: Date | null;
  readonly silentSince: Date | null;
  readonly driftSince: Date | null;
  readonly drift: string | null;
}

/** The oldest incident that is open of a model or source, beside those of objectives. */
export interface IncidentFacts {
  readonly since: Date;
  readonly summary: string | null;
  readonly verdictId: string | null;
}

type Named<Facts> = Facts & { readonly name: string };

/** Reads them of every published model, by name; by index, whatever the tables have grown to. */
export async function readModelFacts(site: Site): Promise<ReadonlyMap<string, ModelFacts>> {
  const { graph } = site.repository;
  const names = graph.models.filter(isPublished).map(({ name }) => name);
  const at = sql`${site.at}::timestamptz`;
  const { rows } = await sql<Named<ModelFacts>>`
    with current as (${currentTo(graph, at)})
    select asked.name, current.current_to as "currentTo", target.published_at as "publishedAt",
      lease.state as lease, lease.since as "leaseSince", ended.run_id is not null as "leaseEnded",
      lease.verdict_id as "verdictId", run.gate, run.suite, run.outcome, run.failed, run.evaluated,
      sample.station, sample.is_good as "isGood"
    from unnest(${names}::text[]) as asked (name)
    left join current on current.model = asked.name
    left join control.target as target on target.model = asked.name
    left join control.lease as lease on lease.model = asked.name
    left join control.watch_ended_run as ended on ended.run_id = lease.run_id
    left join lateral (
      select r.gate, r.suite, r.outcome, r.expectations_failed as failed, r.expectations_evaluated as evaluated
      from control.gate_run as r where r.verdict_id = lease.verdict_id order by r.evaluation_id desc limit 1) as run on true
    left join lateral (
      select s.station, s.is_good from control.freshness_sample as s
      where s.model = asked.name and s.sampled_at <= ${at} and s.sampled_at > ${at} - interval '5 minutes'
      order by s.sampled_at desc limit 1) as sample on true`.execute(site.database);
  return byName(rows);
}

/** Reads them of every source, by name. */
export async function readSourceFacts(site: Site): Promise<ReadonlyMap<string, SourceFacts>> {
  const { graph } = site.repository;
  const names = graph.models.filter(isSource).map(({ name }) => name);
  const readers = names.flatMap((name) =>
    [...new Set([...deltaReaders(graph, name), ...wholeReaders(graph, name)])].map((by) => ({ name, by })),
  );
  const { rows } = await sql<Named<SourceFacts>>`
    with reader as (
      select * from unnest(${readers.map(({ name }) => name)}::text[], ${readers.map(({ by }) => by)}::text[]) as reader (name, model)
    )
    select asked.name, greatest(landed.landed_at, moved.moved_at, own.brought_at) as "arrivedAt",
      greatest(looked.opened_at, own.read_at) as "readAt",
      silent.since as "silentSince", drift.since as "driftSince", drift.problem as drift
    from unnest(${names}::text[]) as asked (name)
    left join lateral (
      select n.landed_at from control.landing as n where n.source = asked.name
      order by n.landed_at desc limit 1) as landed on true
    left join control.source_watermark as moved on moved.source = asked.name
    left join control.source_read as own on own.source = asked.name
    left join lateral (
      select max(newest.opened_at) as opened_at from reader cross join lateral (
        select l.opened_at from control.load as l
        where l.model = reader.model and l.state in ('published', 'empty') and l.read_window ->> 'kind' <> 'interval'
        order by l.opened_at desc limit 1) as newest
      where reader.name = asked.name) as looked on true
    left join control.objective_alarm as silent
      on silent.alarm = 'sourceSilent' and silent.state = 'raised' and silent.subject = asked.name
    left join lateral (
      select d.since, d.problem from control.source_drift as d
      where d.source = asked.name and d.cleared_at is null order by d.since limit 1) as drift on true`.execute(
    site.database,
  );
  return byName(rows);
}

/** Reads what is open of this installation, by the model or source it is about. */
export async function readIncidentFacts(site: Site): Promise<ReadonlyMap<string, IncidentFacts>> {
  const { rows } = await sql<Named<IncidentFacts>>`
    select distinct on (name) name, since, summary, "verdictId" from (
      select coalesce(relation, model) as name, opened_at as since, summary, coalesce(last_verdict_id, verdict_id) as "verdictId"
      from control.incident
      where state = 'open' and good_at is null and kind not in ('freshness', 'availability', 'sourceSilent')
        and starts_with(dedup_key, ${`weir/${site.environment}/`})) as incident
    where name is not null order by name, since`.execute(site.database);
  return byName(rows);
}

function byName<Facts>(rows: readonly Named<Facts>[]): ReadonlyMap<string, Facts> {
  return new Map(rows.map((row) => [row.name, row]));
}
