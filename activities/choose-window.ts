import { ApplicationFailure } from '@temporalio/activity';
import type { Shape } from '../models/model.ts';
import type { DeltaBounds, Window } from '../models/window.ts';
import type { DatabaseTransaction } from './databases.ts';
import type { LoadedModel } from './published-model.ts';
import type { TakenSnapshot } from './snapshot.ts';
import { checkOrigin } from './snapshot.ts';

/** Half-open, UTC, ISO 8601. */
export interface Interval {
  readonly start: string;
  readonly end: string;
}

/** The deltas a model reads. */
function deltasOf(shape: Shape): readonly string[] {
  switch (shape.kind) {
    case 'map':
      return [shape.delta];
    case 'touched':
      return shape.queries.map(({ delta }) => delta);
    case 'whole':
      return [];
  }
}

/**
 * The window of a new load: from the watermark of each delta to the snapshot that was taken, or what that snapshot sees
 * of an interval of event time. Called while the lease is locked, so that no watermark moves meanwhile.
 *
 * @throws ApplicationFailure `WatermarkForeign` or `InvalidInput` (neither retryable).
 */
export async function chooseWindow(
  trx: DatabaseTransaction,
  loaded: LoadedModel,
  interval: Interval | null,
  taken: TakenSnapshot,
): Promise<Window> {
  const { shape } = loaded.model;
  if (shape.kind === 'whole') return { kind: 'whole' };
  if (interval !== null) return intervalWindow(loaded, interval, taken);
  return { kind: 'arrival', deltas: await arrivalBounds(trx, loaded.model.name, deltasOf(shape), taken) };
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
  const deltas = deltasOf(model.shape).filter(
    (delta) => (graph.byName.get(delta)?.timeColumn ?? null) !== null,
  );
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
