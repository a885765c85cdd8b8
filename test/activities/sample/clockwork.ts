import { sql } from 'kysely';
import type { NamedSlot, ScheduleBook } from '../../../activities/missed-slots.ts';
import { createSample, type SampleResult } from '../../../activities/sample.ts';
import type { RepositoryFolders } from '../../../activities/repository.ts';
import type { Database } from '../../../activities/databases.ts';
import { ALL_SCHEDULES } from '../../../workers/schedules.ts';
import { namedSlots } from '../../../workers/schedules/named-times.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { folders } from '../shop.ts';

/** What the clock of these tests shows when they begin; a Monday. */
export const BEGIN = Date.parse('2017-01-30T00:00:00Z');

/** A moment so many minutes after the beginning. */
export function minute(after: number): string {
  return new Date(BEGIN + after * 60_000).toISOString();
}

/** A load as the ledger has it, by minutes after the beginning. */
export interface PastLoad {
  readonly model: string;
  readonly at: number;
  readonly publishedAt?: number;
  readonly state?: 'published' | 'empty' | 'abandoned';
  readonly pipeline?: string;
  readonly slotEnd?: number;
}

/** Writes a load into the ledger. */
export async function loaded(admin: Database, load: PastLoad): Promise<void> {
  const { model, at, publishedAt = at, state = 'published', pipeline = 'hourly', slotEnd } = load;
  await sql`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline, slot_end,
      as_of, sql_hash, opened_at, published_at, is_empty)
    values (${model}, ${pipeline}, ${`run-${at}`}, 'r', ${state}, '{"kind":"arrival"}', '1', 1,
      ${slotEnd === undefined ? null : minute(slotEnd)}, now(), 'h', ${minute(at)},
      ${state === 'abandoned' ? null : minute(publishedAt)}, ${state === 'empty'})`.execute(admin);
}

/** Writes the delivery of a file into the books. */
export async function delivered(admin: Database, source: string, at: number): Promise<void> {
  await sql`
    insert into control.landing (source, file, revision, content_hash, size_bytes, modified_at, load_sequence, rows_landed,
      rows_rejected, workflow_id, landed_at)
    values (${source}, ${`file-${at}`}, 1, 'h', 1, now(), 1, 10, 0, 'w', ${minute(at)})`.execute(admin);
}

/** The schedules of the code, and a server that knows no run. */
export const book: ScheduleBook = {
  slots: (scheduleId, after, before): readonly NamedSlot[] => {
    const schedule = ALL_SCHEDULES.find((one) => one.scheduleId === scheduleId);
    return schedule === undefined ? [] : namedSlots(schedule, after, before);
  },
  hasRun: async () => false,
};

/** The monitor's activity over a database, by a clock of the test's own. */
export function sampler(
  { databases }: FreshDatabase,
  {
    paused = null,
    files = folders,
  }: { readonly paused?: boolean | null; readonly files?: RepositoryFolders } = {},
) {
  const describe = async () => {
    if (paused === null) throw new Error('no such schedule');
    return { state: { paused } };
  };
  const schedule = {
    getHandle: () => ({ describe }),
    withDeadline: (_: number, work: () => Promise<unknown>) => work(),
  };
  const { sample } = createSample({
    databases,
    folders: files,
    environment: 'test',
    schedules: book,
    // The one call that leaves the database.
    client: { schedule: schedule as never },
  });
  return {
    at: (after: number, told: readonly number[] = []): Promise<SampleResult> =>
      sample({ at: minute(after), told }),
    /** Minute by minute; what on-call was told in each is said with the next. */
    through: async (from: number, to: number): Promise<readonly SampleResult['pages'][number][]> => {
      const pages: SampleResult['pages'][number][] = [];
      let told: readonly number[] = [];
      for (let at = from; at <= to; at += 1) {
        const round = await sample({ at: minute(at), told });
        pages.push(...round.pages);
        told = round.pageIds;
      }
      return pages;
    },
  };
}
