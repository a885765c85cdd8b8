import { sql } from 'kysely';
import { GRAIN_MS } from '../../models/grain.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import type { Schedule } from '../../models/model.ts';
import type { Database } from '../databases.ts';
import type { NamedSlot, ScheduleBook } from '../missed-slots.ts';
import { AVAILABILITY } from './objectives.ts';

/** Judged at once: what a long outage leaves over comes with the next rounds. */
const SLOTS_AT_ONCE = 500;

/** The pipelines that load something. */
export function pipelinesOf(graph: Graph): readonly Schedule[] {
  return [...new Set(graph.models.filter(isPublished).map(({ schedule }) => schedule))];
}

/**
 * Judges the intervals of a pipeline's schedule that have become due, each once. One is on time when every model of the
 * pipeline was loaded after its end and until it was due: published, or found that there was nothing. A load that another
 * run did counts as well: what readers see is what counts. An interval that was held, failed or that nobody ran is late.
 * Nothing is judged before the first run that a schedule started in its turn, and no model before its first load.
 */
export async function judgeSlots(
  db: Database,
  graph: Graph,
  pipeline: Schedule,
  book: Pick<ScheduleBook, 'slots'>,
  now: Date,
): Promise<void> {
  const { scheduleId, withinSeconds } = AVAILABILITY[pipeline];
  const from = await judgedTo(db, pipeline, now);
  if (from === null) return;
  const until = Math.min(
    now.getTime() - withinSeconds * 1000,
    from.getTime() + SLOTS_AT_ONCE * GRAIN_MS[pipeline],
  );
  const due = book
    .slots(scheduleId, from, new Date(until))
    .filter(({ end }) => Date.parse(end) > from.getTime());
  if (due.length > 0) await keepSlots(db, graph, pipeline, due);
}

/**
 * The end of the last interval that was judged; of none, just before that of the first that was loaded in its turn. Slots of
 * long ago that somebody backfills from the Schedules page begin nothing.
 */
async function judgedTo(db: Database, pipeline: Schedule, now: Date): Promise<Date | null> {
  const { rows } = await sql<{ from: Date }>`
    select greatest(judged.until, ${now}::timestamptz - make_interval(days => ${AVAILABILITY[pipeline].judgedBackDays}::int)) as "from"
    from (select coalesce(
      (select max(slot_end) from control.availability_slot where pipeline = ${pipeline}),
      (select min(slot_end) - interval '1 second' from control.load
       where pipeline = ${pipeline} and opened_at < slot_end + ${grain(pipeline)})) as until) as judged
    where judged.until is not null`.execute(db);
  return rows[0]?.from ?? null;
}

function grain(pipeline: Schedule) {
  return sql`make_interval(secs => ${GRAIN_MS[pipeline] / 1000}::float8)`;
}

async function keepSlots(
  db: Database,
  graph: Graph,
  pipeline: Schedule,
  slots: readonly NamedSlot[],
): Promise<void> {
  const { target, withinSeconds } = AVAILABILITY[pipeline];
  await sql`
    with slot as (
      select slot_start, slot_end, scheduled_at + make_interval(secs => ${withinSeconds}) as due_at
      from unnest(${slots.map(({ start }) => start)}::timestamptz[], ${slots.map(({ end }) => end)}::timestamptz[],
        ${slots.map(({ scheduledAt }) => scheduledAt)}::timestamptz[]) as slot (slot_start, slot_end, scheduled_at)
    ), judged as (
      select slot.slot_start, slot.slot_end, slot.due_at, ${lateModels(graph, pipeline)} as late
      from slot
    ), kept as (
      insert into control.availability_slot (pipeline, slot_start, slot_end, due_at, is_good, late_models)
      select ${pipeline}, slot_start, slot_end, due_at, late = '{}', late from judged
      on conflict do nothing returning slot_end, is_good
    ), counted as (
      insert into control.objective_hour as h (kind, subject, hour, good, bad)
      select 'availability', ${pipeline}, date_trunc('hour', slot_end, 'UTC'),
        count(*) filter (where is_good), count(*) filter (where not is_good)
      from kept group by 3
      on conflict (kind, subject, hour) do update set good = h.good + excluded.good, bad = h.bad + excluded.bad
    )
    insert into control.objective_promise as p (kind, subject, target, objective_seconds, unit_seconds, since, measured_to)
    select 'availability', ${pipeline}, ${target}::float8, ${withinSeconds}::float8, ${GRAIN_MS[pipeline] / 1000}::float8,
      min(slot_end), max(slot_end)
    from slot having count(*) > 0
    on conflict (kind, subject) do update set target = excluded.target, objective_seconds = excluded.objective_seconds,
      unit_seconds = excluded.unit_seconds, measured_to = greatest(p.measured_to, excluded.measured_to)`.execute(
    db,
  );
}

/** Models that had not been loaded when a `slot` was due, of those that were there by then. */
function lateModels(graph: Graph, pipeline: Schedule) {
  const models = graph.models.filter(isPublished).filter(({ schedule }) => schedule === pipeline);
  return sql`array(
    select m.model from unnest(${models.map(({ name }) => name)}::text[]) as m (model)
    where exists (
      select from control.load as first
      where first.model = m.model and first.opened_at < least(slot.due_at, slot.slot_end + ${grain(pipeline)}))
    and not exists (
      select from control.load as l
      where l.model = m.model and l.opened_at between slot.slot_end and slot.due_at
        and l.state in ('published', 'empty') and coalesce(l.published_at, l.opened_at) <= slot.due_at
        and not l.read_window ? 'replayOf'
        and (l.read_window ->> 'kind' <> 'interval' or l.interval_start <= slot.slot_start and l.interval_end >= slot.slot_end))
    order by m.model)`;
}

/** What the intervals of a pipeline lately came to. */
export interface LateSlots {
  readonly pipeline: Schedule;
  /** The end of the first of those that came late one after the other until now; null: the last one came on time. */
  readonly since: Date | null;
  /** Models that were late in the last that came late. */
  readonly models: readonly string[];
}

/** Reads since when the intervals of pipelines are late. */
export async function readLateSlots(
  db: Database,
  pipelines: readonly Schedule[],
): Promise<ReadonlyMap<string, LateSlots>> {
  const { rows } = await sql<LateSlots>`
    select p.pipeline, coalesce(last.late_models, '{}') as models, (
      select min(s.slot_end) from control.availability_slot as s
      where s.pipeline = p.pipeline and not s.is_good and s.slot_end > coalesce(
        (select max(g.slot_end) from control.availability_slot as g where g.pipeline = p.pipeline and g.is_good), '-infinity')
    ) as since
    from unnest(${[...pipelines]}::text[]) as p (pipeline)
    left join lateral (
      select late_models from control.availability_slot as s where s.pipeline = p.pipeline and not s.is_good
      order by s.slot_end desc limit 1) as last on true`.execute(db);
  return new Map(rows.map((row) => [row.pipeline, row]));
}
