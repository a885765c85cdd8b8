import { sql } from 'kysely';
import type { Database } from '../databases.ts';
import type { WindowCount } from './burn.ts';

/** Good and bad samples in windows that end at one minute, that minute included, by what they are about. */
export type Counts = ReadonlyMap<string, readonly WindowCount[]>;

/** Counts the samples of models. @param windows their lengths in minutes. */
export function countSamples(
  db: Database,
  models: readonly string[],
  windows: readonly number[],
  until: Date,
): Promise<Counts> {
  return counted(
    db,
    windows,
    sql`select s.model as subject, s.is_good, s.sampled_at as at from control.freshness_sample as s
      where s.model = any (${[...models]}::text[]) and s.sampled_at <= ${until}::timestamptz
        and s.sampled_at > ${until}::timestamptz - make_interval(mins => ${Math.max(...windows)}::int)`,
    until,
  );
}

/** Counts the intervals of pipelines, by when they were due. */
export function countSlots(
  db: Database,
  pipelines: readonly string[],
  windows: readonly number[],
  until: Date,
): Promise<Counts> {
  return counted(
    db,
    windows,
    sql`select s.pipeline as subject, s.is_good, s.due_at as at from control.availability_slot as s
      where s.pipeline = any (${[...pipelines]}::text[]) and s.due_at <= ${until}::timestamptz
        and s.slot_end > ${until}::timestamptz - make_interval(mins => ${Math.max(...windows) + 2 * 24 * 60}::int)`,
    until,
  );
}

async function counted(
  db: Database,
  windows: readonly number[],
  measured: ReturnType<typeof sql>,
  until: Date,
): Promise<Counts> {
  const { rows } = await sql<WindowCount & { readonly subject: string }>`
    with measured as materialized (${measured})
    select m.subject, w.minutes, count(*) filter (where m.is_good) as good, count(*) filter (where not m.is_good) as bad
    from measured as m
    join unnest(${[...windows]}::int[]) as w (minutes) on m.at > ${until}::timestamptz - make_interval(mins => w.minutes)
    group by m.subject, w.minutes`.execute(db);
  const counts = new Map<string, WindowCount[]>();
  for (const { subject, ...count } of rows) counts.set(subject, [...(counts.get(subject) ?? []), count]);
  return counts;
}
