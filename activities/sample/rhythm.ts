import { sql, type RawBuilder } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { isSource, isState } from '../../models/model.ts';
import type { SourceModel } from '../../models/model.ts';
import { deltaReaders } from '../../models/readers.ts';
import type { Database } from '../databases.ts';
import { RHYTHM } from './objectives.ts';

/** What a source did in the last hour, and what it used to do in the same hour of the week (UTC). */
export interface Rhythm {
  readonly source: SourceModel;
  /** When it brought something last; null: never. */
  readonly lastArrival: Date | null;
  /** It brought something in the last hour. */
  readonly spoke: boolean;
  /** Somebody has looked in the last hour: a load of what reads it began. */
  readonly looked: boolean;
  /** Weeks before this one, of eight, in which it was known. */
  readonly weeks: number;
  /** Those of them in which it had brought something by now in this hour. */
  readonly heard: number;
}

/**
 * Whether a source fell silent: somebody looks, nothing came in the last hour, and in this hour of the week something
 * always did, once in eight weeks excepted. A source that had nothing to say in this hour before is not silent. Presence
 * is learned and not the number of rows, because a band around few rows reaches down to none, and how many of them is a
 * gate's business.
 */
export function isSilent({ looked, spoke, weeks, heard }: Rhythm): boolean {
  const mayBeQuiet = Math.floor((weeks * RHYTHM.quietOfEight) / RHYTHM.weeks);
  return looked && !spoke && weeks >= RHYTHM.leastWeeks && heard >= weeks - mayBeQuiet;
}

/** Sources whose quiet can be told: of the state of another database nothing new is no news. */
export function speakingSources(graph: Graph): readonly SourceModel[] {
  return graph.models
    .filter(isSource)
    .filter((source) => !isState(source) && deltaReaders(graph, source.name).length > 0);
}

interface Row {
  readonly source: string;
  readonly last_arrival: Date | null;
  readonly spoke: boolean;
  readonly looked: boolean;
  readonly weeks: number;
  readonly heard: number;
}

/**
 * Reads the rhythms of sources. What arrived is what landed: files by the hour in which Weir took them, of what reads
 * another database the loads that found something. An arrival up to ten minutes later than in the weeks before is no
 * silence.
 */
export async function readRhythms(db: Database, graph: Graph, now: Date): Promise<readonly Rhythm[]> {
  const sources = speakingSources(graph);
  const at = sql`${now}::timestamptz`;
  const { rows } = await sql<Row>`
    with source as (select * from unnest(${sources.map(({ name }) => name)}::text[]) as source (name)),
    reader as (${readersOf(graph)}),
    known as (${knownSince(at)}),
    heard as (${heardInHour(at)})
    select known.name as source, known.last as last_arrival,
      coalesce(bool_or(heard.came) filter (where heard.week = 0), false) as spoke,
      exists (
        select from reader join control.load as l on l.model = reader.model
        where reader.name = known.name and l.state in ('published', 'empty') and l.read_window ->> 'kind' = 'arrival'
          and l.opened_at > ${at} - interval '1 hour' and l.opened_at <= ${at}) as looked,
      count(*) filter (where heard.week > 0 and heard.was_known) as weeks,
      count(*) filter (where heard.week > 0 and heard.was_known and heard.came) as heard
    from known join heard using (name) group by known.name, known.last`.execute(db);
  const found = new Map(rows.map((row) => [row.source, row]));
  return sources.flatMap((source) => {
    const row = found.get(source.name);
    if (row === undefined) return [];
    const { spoke, looked, weeks, heard } = row;
    return [{ source, lastArrival: row.last_arrival, spoke, looked, weeks, heard }];
  });
}

/** A load, `l`, that found rows which had arrived. */
const brought = sql`(l.state = 'published' and l.read_window ->> 'kind' = 'arrival'
  and not l.read_window ? 'replayOf' and not l.read_window ? 'rebuild' and not l.is_empty)`;

/** The models that read the deltas of sources, as rows of `name` (of the source) and `model`. */
export function readersOf(graph: Graph): RawBuilder<unknown> {
  const readers = speakingSources(graph).flatMap(({ name }) =>
    deltaReaders(graph, name).map((reader) => ({ name, reader })),
  );
  return sql`select * from unnest(${readers.map(({ name }) => name)}::text[], ${readers.map(({ reader }) => reader)}::text[])
    as reader (name, model)`;
}

/** Whether a source brought something after one moment and until another; `reader` are the rows of {@link readersOf}. */
export function arrivedBetween(
  source: RawBuilder<unknown>,
  after: RawBuilder<unknown>,
  until: RawBuilder<unknown>,
): RawBuilder<boolean> {
  return sql<boolean>`(
    exists (select from control.landing as n where n.source = ${source} and n.landed_at > ${after} and n.landed_at <= ${until})
    or exists (
      select from reader join control.load as l on l.model = reader.model
      where reader.name = ${source} and ${brought} and l.opened_at > ${after} and l.opened_at <= ${until}
        and not exists (select from control.landing as n where n.source = ${source})))`;
}

/** When sources brought something first, as far back as anybody learns, and last. */
function knownSince(at: RawBuilder<unknown>) {
  return sql`
    select source.name, least(landed.first, loaded.first) as first, greatest(landed.last, loaded.last) as last
    from source
    cross join lateral (
      select min(n.landed_at) as first, max(n.landed_at) as last from control.landing as n
      where n.source = source.name and n.landed_at <= ${at}) as landed
    cross join lateral (
      select min(oldest.at) as first, max(newest.at) as last
      from reader
      cross join lateral (${oneLoad(at, sql`asc`)}) as oldest
      cross join lateral (${oneLoad(at, sql`desc`)}) as newest
      where reader.name = source.name and landed.first is null) as loaded`;
}

/** The oldest or newest load of a reader that found something: of a model of a minute there are thousands between. */
function oneLoad(at: RawBuilder<unknown>, direction: RawBuilder<unknown>) {
  return sql`
    select l.opened_at as at from control.load as l
    where l.model = reader.model and ${brought} and l.opened_at <= ${at}
      and l.opened_at > ${at} - make_interval(weeks => ${RHYTHM.weeks + 1}::int)
    order by l.opened_at ${direction} limit 1`;
}

/** Whether they brought something in the last hour, and in the same hour of each week before, less the slack at its end. */
function heardInHour(at: RawBuilder<unknown>) {
  return sql`
    select known.name, hour.week, known.first <= hour.after as was_known,
      ${arrivedBetween(sql`known.name`, sql`hour.after`, sql`hour.until`)} as came
    from known
    cross join (
      select ago.week, ${at} - make_interval(weeks => ago.week, mins => 60) as after,
        ${at} - make_interval(weeks => ago.week, mins => case ago.week when 0 then 0 else ${RHYTHM.slackMinutes}::int end) as until
      from generate_series(0, ${RHYTHM.weeks}::int) as ago (week)
    ) as hour`;
}
