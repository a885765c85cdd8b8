import { sql } from 'kysely';
import { isSilent, readRhythms } from '../../activities/sample/rhythm.ts';
import { redactText } from '../../expectations/redact.ts';
import type { Graph } from '../../models/graph.ts';
import type { SourceModel } from '../../models/model.ts';
import { deltaReaders } from '../../models/readers.ts';
import type { Site } from '../site.ts';

/** One revision of a file that landed. */
export interface Delivery {
  readonly file: string;
  readonly revision: number;
  readonly rows: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly at: Date;
}

/** In what a source is, or was, not what its header says. */
export interface Drift {
  readonly column: string | null;
  readonly problem: string;
  readonly mend: string;
  readonly since: Date;
  readonly clearedAt: Date | null;
}

/** What a source does at this hour of the week, and what it does now. */
export interface SourceRhythm {
  readonly lastArrival: Date | null;
  readonly silent: boolean;
  /** Weeks of eight before this one in which it was known, and of those in which it had spoken by now. */
  readonly weeks: number;
  readonly heard: number;
}

/** What came of a source. */
export interface SourceArrivals {
  readonly deliveries: readonly Delivery[];
  readonly drifts: readonly Drift[];
  /** Null of a source of which only the state is read: nothing new is no news there. */
  readonly rhythm: SourceRhythm | null;
  /** Since when on-call is told that it is silent; null where it is not. */
  readonly silentSince: Date | null;
  /** When it was read last, whatever came of that; null where nobody has read it. */
  readonly readAt: Date | null;
}

/** Reads what came of a source lately. Names of files and problems are redacted. */
export async function readSourceArrivals(site: Site, source: SourceModel): Promise<SourceArrivals> {
  const { database, at, repository } = site;
  const [deliveries, drifts, marks, rhythms] = await Promise.all([
    sql<Delivery>`
      select file, revision, rows_landed as rows, rows_rejected as rejected, size_bytes as bytes, landed_at as at
      from control.landing where source = ${source.name} and landed_at <= ${at}::timestamptz
      order by landed_at desc limit 10`.execute(database),
    sql<Drift>`
      select column_name as "column", problem, mend, since, cleared_at as "clearedAt" from control.source_drift
      where source = ${source.name} order by cleared_at is not null, since desc limit 8`.execute(database),
    sql<Pick<SourceArrivals, 'silentSince' | 'readAt'>>`
      select (select a.since from control.objective_alarm as a where a.alarm = 'sourceSilent' and a.subject = ${source.name}
          and a.state = 'raised') as "silentSince",
        coalesce((select r.read_at from control.source_read as r where r.source = ${source.name}),
          (select w.moved_at from control.source_watermark as w where w.source = ${source.name})) as "readAt"`.execute(
      database,
    ),
    readRhythms(database, around(repository.graph, source.name), at),
  ]);
  const [rhythm] = rhythms;
  return {
    deliveries: deliveries.rows.map((one) => ({ ...one, file: redactText(one.file) })),
    drifts: drifts.rows.map((one) => ({
      ...one,
      problem: redactText(one.problem),
      mend: redactText(one.mend),
    })),
    rhythm:
      rhythm === undefined
        ? null
        : {
            lastArrival: rhythm.lastArrival,
            silent: isSilent(rhythm),
            weeks: rhythm.weeks,
            heard: rhythm.heard,
          },
    silentSince: marks.rows[0]?.silentSince ?? null,
    readAt: marks.rows[0]?.readAt ?? null,
  };
}

/** The source and who reads its delta: what other sources do is not asked. */
function around(graph: Graph, source: string): Graph {
  const kept = new Set([source, ...deltaReaders(graph, source)]);
  return { ...graph, models: graph.models.filter(({ name }) => kept.has(name)) };
}
