import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { readColumns } from '../columns.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { applySettings, loadSettings } from '../load-window.ts';
import type { TakenSnapshot } from '../snapshot.ts';
import { deltasOf } from '../../models/deltas.ts';
import type { Graph } from '../../models/graph.ts';
import { hasRevisions } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import { notRetracted, windowRows } from '../../models/statements/window-rows.ts';
import type { Window } from '../../models/window.ts';
import { countRows } from './count.ts';
import type { Rows } from './count.ts';
import type { Mark } from './facts.ts';

/** What a load would read of one delta, begun now. */
export interface PlannedDelta {
  readonly delta: string;
  /** What has been published of it; null: nothing yet, so all of it is read. */
  readonly since: Mark | null;
  /** Another cluster or timeline took it: a load stops, and says what to do. */
  readonly foreign: boolean;
  /** Null where its relation is not there yet. */
  readonly rows: Rows | null;
}

/** What a load of a model would read, begun now. */
export interface PlannedWindow {
  readonly window: Window;
  readonly deltas: readonly PlannedDelta[];
  /** Keys that those rows touch, of a touched model. */
  readonly keys: Rows | null;
  /** Rows that the SELECT makes, of a model that reads whole relations. */
  readonly made: Rows | null;
}

/** What a window is counted with. */
export interface Counting {
  readonly marks: readonly Mark[];
  readonly taken: TakenSnapshot;
  readonly asOf: string;
}

/** The window of a load by arrival, begun now, or of whole relations: what a run reads when nobody says otherwise. */
export function usualWindow(
  model: PublishedModel,
  { marks, taken }: Pick<Counting, 'marks' | 'taken'>,
): Window {
  if (model.shape.kind === 'whole') return { kind: 'whole' };
  const from = (delta: string) => marks.find(({ relation }) => relation === delta)?.snapshot ?? null;
  const bounds = deltasOf(model.shape).map((delta) => [delta, { from: from(delta), to: taken.snapshot }]);
  return { kind: 'arrival', deltas: Object.fromEntries(bounds) };
}

/** Finds out how much there is in a window, as it is now. It writes nothing. */
export async function countWindow(
  trx: DatabaseTransaction,
  graph: Graph,
  model: PublishedModel,
  window: Window,
  counting: Counting,
): Promise<PlannedWindow> {
  await applySettings(trx, loadSettings({ loadId: 0, window, asOf: counting.asOf }));
  const { shape } = model;
  if (shape.kind === 'whole') {
    const made = await countRows(trx, textOf(model.sql));
    return { window, deltas: [], keys: null, made };
  }
  const read = asked(deltasOf(shape), window);
  const deltas: PlannedDelta[] = [];
  for (const delta of read) deltas.push(await readDelta(trx, graph, delta, window, counting));
  const few = deltas.every(({ rows }) => rows !== null && rows.exact);
  if (shape.kind === 'map' || !few) return { window, deltas, keys: null, made: null };
  await applySettings(trx, [['weir.touched', 'on']]);
  const queries = shape.queries
    .filter(({ delta }) => read.includes(delta))
    .map(({ sql: query }) => sql`select * from (${textOf(query)}) as asked`);
  const keys = await countRows(trx, sql.join(queries, sql` union `));
  await applySettings(trx, [['weir.touched', '']]);
  return { window, deltas, keys, made: null };
}

/** By event time a model is not asked for the deltas that know none. */
function asked(deltas: readonly string[], window: Window): readonly string[] {
  return window.kind === 'interval' ? deltas.filter((delta) => window.deltas.includes(delta)) : deltas;
}

async function readDelta(
  trx: DatabaseTransaction,
  graph: Graph,
  delta: string,
  window: Window,
  { marks, taken }: Counting,
): Promise<PlannedDelta> {
  const since = marks.find(({ relation }) => relation === delta) ?? null;
  const foreign =
    since !== null &&
    (since.systemIdentifier !== taken.systemIdentifier || since.timeline !== taken.timeline);
  const upstream = graph.byName.get(delta);
  const columns = upstream === undefined ? [] : await readColumns(trx, upstream.layer, delta);
  if (upstream === undefined || columns.length === 0) return { delta, since, foreign, rows: null };
  const relation = { name: delta, timeColumn: upstream.timeColumn, zoned: false };
  const inWindow = windowRows(relation, window, 't');
  const table = sql.id(upstream.layer, delta);
  const guess = sql`select from ${table} as t where ${inWindow}`;
  const shown = hasRevisions(upstream) ? sql`${guess} and ${notRetracted(delta, 't')}` : guess;
  return { delta, since, foreign, rows: await countRows(trx, shown, guess) };
}

/** A SELECT of this repository's own files, parsed and checked when it was read. */
function textOf(text: string): RawBuilder<unknown> {
  // oxlint-disable-next-line no-restricted-properties -- A model's own text, which is SQL by nature.
  return sql.raw(`${text}\n`);
}
