import { sql, type RawBuilder } from 'kysely';
import { BACKFILL_GRAIN_MS } from '../../models/grain.ts';
import type { Schedule } from '../../models/model.ts';
import type { Database } from '../databases.ts';

/** A model and the SQL it has now: an interval counts as done where both are in the ledger. */
export interface AskedModel {
  readonly name: string;
  readonly sqlHash: string;
}

/** The intervals of a backfill: every grain of a range, or those of them that no scheduled run has taken. */
export interface Slots {
  readonly pipeline: Schedule;
  /** ISO 8601, UTC, at whole grains; `[from, to)`. */
  readonly from: string;
  readonly to: string;
  readonly missedOnly: boolean;
  /** Whether what the ledger has as done is loaded again. */
  readonly again: boolean;
}

/** Counts of intervals. */
export interface SlotCounts {
  readonly intervals: number;
  /** Done already with the same SQL, so that nothing is to be loaded. */
  readonly done: number;
}

/** The next intervals that are to be loaded. */
export interface NextSlots {
  /** Where each begins, ISO 8601 UTC, in the order they are asked for in. */
  readonly starts: readonly string[];
  /** Done already and passed over since the last one. */
  readonly skipped: number;
  /** Whether there may be more behind the last one. */
  readonly more: boolean;
}

/** Loads that have moved a target to what an interval or a slot says. */
const PUBLISHED = ['published', 'empty'] as const;

/** Every interval's beginning. A slot in local time ends within the grain of UTC after the interval it stands for. */
function everySlot({ pipeline, from, to, missedOnly }: Slots): RawBuilder<unknown> {
  const grain = grainOf(pipeline);
  const missed = sql`
    where not exists (
      select from control.load as ran
      where ran.pipeline = ${pipeline}
        and ran.slot_end >= slot.start + ${grain} and ran.slot_end < slot.start + ${grain} + ${grain}
    )`;
  return sql`
    select slot.start
    from generate_series(${from}::timestamptz, ${to}::timestamptz - ${grain}, ${grain}) as slot (start)
    ${missedOnly ? missed : sql``}`;
}

/**
 * Whether every model has been loaded for the interval that begins at `slot.start`, last with the SQL that it has now: of
 * a SELECT that was changed and changed back, the target has what the load between them made.
 */
function isDone(pipeline: Schedule, models: readonly AskedModel[]): RawBuilder<boolean> {
  return sql<boolean>`not exists (
    select from unnest(${models.map(({ name }) => name)}::text[], ${models.map(({ sqlHash }) => sqlHash)}::text[])
      as asked (model, sql_hash)
    where asked.sql_hash is distinct from (
      select done.sql_hash from control.load as done
      where done.model = asked.model
        and done.interval_start = slot.start and done.interval_end = slot.start + ${grainOf(pipeline)}
        and done.state in (${sql.join(PUBLISHED)})
      order by done.load_id desc limit 1
    )
  )`;
}

function grainOf(pipeline: Schedule): RawBuilder<unknown> {
  return sql`make_interval(secs => ${BACKFILL_GRAIN_MS[pipeline] / 1000})`;
}

/** Counts the intervals of a range and those that are done. */
export async function countSlots(
  db: Database,
  slots: Slots,
  models: readonly AskedModel[],
): Promise<SlotCounts> {
  const { rows } = await sql<SlotCounts>`
    select count(*) as intervals, count(*) filter (where ${isDone(slots.pipeline, models)}) as done
    from (${everySlot(slots)}) as slot`.execute(db);
  return rows[0] ?? { intervals: 0, done: 0 };
}

/** Where to go on, and how. */
export interface NextSlotsRequest {
  /** The last interval that was handed out; null at the beginning. */
  readonly after: string | null;
  readonly limit: number;
  readonly newestFirst: boolean;
}

/** The next intervals to load, however many are done before them: one statement. */
export async function nextSlots(
  db: Database,
  slots: Slots,
  models: readonly AskedModel[],
  { after, limit, newestFirst }: NextSlotsRequest,
): Promise<NextSlots> {
  const order = newestFirst ? sql`order by slot.start desc` : sql`order by slot.start`;
  const beyond =
    after === null
      ? sql`true`
      : newestFirst
        ? sql`slot.start < ${after}::timestamptz`
        : sql`slot.start > ${after}::timestamptz`;
  const todo = slots.again ? sql`true` : sql`not ${isDone(slots.pipeline, models)}`;
  const { rows } = await sql<{ starts: readonly Date[]; last: number | null; all: number }>`
    with slot as materialized (
      select slot.start, row_number() over (${order}) as place from (${everySlot(slots)}) as slot where ${beyond}
    ),
    todo as (select slot.start, slot.place from slot where ${todo} order by slot.place limit ${limit})
    select coalesce((select array_agg(todo.start order by todo.place) from todo), '{}') as starts,
      (select max(todo.place) from todo) as last, (select count(*) from slot) as all`.execute(db);
  const { starts = [], last = null, all = 0 } = rows[0] ?? {};
  const more = starts.length === limit;
  return {
    starts: starts.map((start) => start.toISOString()),
    skipped: (more ? (last ?? 0) : all) - starts.length,
    more,
  };
}

/**
 * The range in which a scheduled run may be missing: between the first and the last slot that the ledger has as
 * published since a time.
 *
 * @param since ISO 8601: what lies before is not looked for.
 * @returns null where there are not two.
 */
export async function publishedRange(
  db: Database,
  pipeline: Schedule,
  since: string,
): Promise<{ readonly from: string; readonly to: string } | null> {
  const { rows } = await sql<{ from: Date | null; to: Date | null }>`
    select date_bin(${grainOf(pipeline)}, min(slot_end), 'epoch') as "from",
      date_bin(${grainOf(pipeline)}, max(slot_end), 'epoch') as "to"
    from control.load
    where pipeline = ${pipeline} and slot_end >= ${since}::timestamptz and state in (${sql.join(PUBLISHED)})`.execute(
    db,
  );
  const { from = null, to = null } = rows[0] ?? {};
  return from !== null && to !== null && from < to
    ? { from: from.toISOString(), to: to.toISOString() }
    : null;
}
