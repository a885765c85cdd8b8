import { ApplicationFailure } from '@temporalio/activity';
import { deltasOf, timedDeltas } from '../models/deltas.ts';
import type { PublishedModel } from '../models/model.ts';
import { notRebuilt } from '../models/plan.ts';
import type { DeltaBounds, Window } from '../models/window.ts';
import type { DatabaseTransaction } from './databases.ts';
import { readLoad } from './load.ts';
import type { LoadedModel } from './published-model.ts';
import { replayWindow } from './replay-window.ts';
import { rowsDropped } from './rows-dropped.ts';
import type { TakenSnapshot } from './snapshot.ts';
import { checkOrigin } from './snapshot.ts';

/** Half-open, UTC, ISO 8601. */
export interface Interval {
  readonly start: string;
  readonly end: string;
}

/** Which window a load asks for; none of these: what arrived since the watermark. */
export interface WindowRequest {
  /** Read by event time. */
  readonly interval?: Interval;
  /** Make the incremental target anew from everything visible. */
  readonly rebuild?: boolean;
  /** Read the window of this published load again. */
  readonly replay?: number;
}

/**
 * The window of a new load: from the watermark of each delta to the snapshot that was taken, what that snapshot sees of
 * an interval of event time, everything it sees, or the window of an earlier load. Called while the lease is locked, so
 * that no watermark moves meanwhile.
 *
 * @throws ApplicationFailure `WatermarkForeign` or `InvalidInput` (neither retryable).
 */
export async function chooseWindow(
  trx: DatabaseTransaction,
  loaded: LoadedModel,
  { interval, rebuild, replay }: WindowRequest,
  taken: TakenSnapshot,
): Promise<Window> {
  const { model } = loaded;
  const { shape } = model;
  if (replay !== undefined) return replayWindow(await readLoad(trx, replay), model.name, taken);
  if (rebuild === true) return rebuildWindow(trx, model, taken);
  if (shape.kind === 'whole') return { kind: 'whole', to: taken.snapshot };
  if (interval !== undefined) return intervalWindow(loaded, interval, taken);
  return { kind: 'arrival', deltas: await arrivalBounds(trx, model.name, deltasOf(shape), taken) };
}

/**
 * Everything that the snapshot sees. A watermark from elsewhere is no hindrance: nothing is read from it on, and the
 * rebuild puts one of this database in its place.
 */
async function rebuildWindow(
  trx: DatabaseTransaction,
  model: PublishedModel,
  { snapshot }: TakenSnapshot,
): Promise<Window> {
  if (model.kind !== 'incremental') throw invalidInput(notRebuilt(model));
  const deltas = deltasOf(model.shape);
  await refuseWhereRowsAreGone(trx, model, deltas);
  const rows = await trx
    .selectFrom('control.watermark')
    .select(['relation', 'snapshot'])
    .where('model', '=', model.name)
    .execute();
  const noted = new Map(rows.map((row) => [row.relation, row.snapshot]));
  const bounds = deltas.map(
    (delta) => [delta, { from: null, to: snapshot, noted: noted.get(delta) ?? null }] as const,
  );
  return { kind: 'arrival', rebuild: true, deltas: Object.fromEntries(bounds) };
}

/** Keys are computed from all rows of their group: where retention has taken some, the rest would come out too small. */
async function refuseWhereRowsAreGone(
  trx: DatabaseTransaction,
  model: PublishedModel,
  deltas: readonly string[],
): Promise<void> {
  if (model.shape.kind !== 'touched') return;
  for (const delta of deltas) {
    const rows = await rowsDropped(trx, delta);
    if (rows === 0) continue;
    throw invalidInput(
      `${model.name} cannot be rebuilt: retention has taken ${rows} rows of ${delta}, from which its keys would be computed. ` +
        'Load the days that are still there by event time instead (--from, --to).',
    );
  }
}

async function arrivalBounds(
  trx: DatabaseTransaction,
  model: string,
  deltas: readonly string[],
  taken: TakenSnapshot,
): Promise<Readonly<Record<string, DeltaBounds>>> {
  const rows = await trx.selectFrom('control.watermark').selectAll().where('model', '=', model).execute();
  for (const row of rows) {
    const origin = { systemIdentifier: row.system_identifier, timeline: row.timeline };
    checkOrigin(`the watermark of ${model} on ${row.relation}`, origin, taken);
  }
  const published = new Map(rows.map((row) => [row.relation, row.snapshot]));
  return Object.fromEntries(
    deltas.map((delta) => [delta, { from: published.get(delta) ?? null, to: taken.snapshot }]),
  );
}

/** An interval bounds the deltas that have a time column; a touched model does not ask the others. */
function intervalWindow(
  { model, graph }: LoadedModel,
  { start, end }: Interval,
  { snapshot }: TakenSnapshot,
): Window {
  const deltas = timedDeltas(model, graph);
  if (!(Date.parse(start) < Date.parse(end))) {
    throw invalidInput(
      `The interval [${start}, ${end}) of ${model.name} is empty or not ISO 8601. Give intervalStart before intervalEnd.`,
    );
  }
  if (deltas.length === 0) {
    throw invalidInput(
      `${model.name} cannot be loaded by event time: none of the deltas it reads has a time_column in its header. ` +
        'Add one there, or run without intervalStart and intervalEnd.',
    );
  }
  return { kind: 'interval', start, end, to: snapshot, deltas };
}

function invalidInput(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidInput');
}
