import { sql } from 'kysely';
import type { PublishedModel } from '../models/model.ts';
import { deltaOf, findsRows } from '../models/statements/stage.ts';
import { retractedIn } from '../models/statements/window-condition.ts';
import type { DeltaBounds, Window } from '../models/window.ts';
import { isRebuild, windowDeltas } from '../models/window.ts';
import type { DatabaseTransaction } from './databases.ts';
import { applySettings, applyWindow } from './load-window.ts';
import { openDrift } from './source-drift.ts';

/**
 * Whether a load has nothing to do: nothing arrived, nothing was retracted, no key was touched. A full refresh and a
 * rebuild always have: rows that went away leave no trace to find.
 *
 * Applies the window to the transaction.
 */
export async function isWindowEmpty(
  trx: DatabaseTransaction,
  model: PublishedModel,
  window: Window,
  asOf: string,
): Promise<boolean> {
  const { shape } = model;
  if (shape.kind === 'whole' || isRebuild(window)) return false;
  // Nothing arrives from a source that has drifted: the gate has to say so.
  if ((await openDrift(trx, model)) !== null) return false;
  await applyWindow(trx, window, asOf);
  if (shape.kind === 'map')
    return !(await anyArrived(trx, shape.delta)) && !(await anyRetraction(trx, model, window));

  const asked = shape.queries.filter(({ delta }) => windowDeltas(window).includes(delta));
  await applySettings(trx, [['weir.touched', 'on']]);
  let empty = true;
  for (const query of asked) empty &&= !(await found(findsRows(query.sql).execute(trx)));
  await applySettings(trx, [['weir.touched', '']]);
  return empty;
}

/** The delta of a mapping model and its bounds, where a window by arrival may hold retractions of it; else null. */
export function retractionScope(
  model: PublishedModel,
  window: Window,
): { readonly delta: string; readonly bounds: DeltaBounds } | null {
  // A rebuild replaces what was retracted as it replaces all else.
  if (model.shape.kind !== 'map' || window.kind !== 'arrival' || isRebuild(window)) return null;
  const bounds = window.deltas[model.shape.delta];
  return bounds === undefined ? null : { delta: model.shape.delta, bounds };
}

/** Whether a revision of what a mapping model reads was retracted in the window. */
export async function anyRetraction(
  trx: DatabaseTransaction,
  model: PublishedModel,
  window: Window,
): Promise<boolean> {
  const scope = retractionScope(model, window);
  if (scope === null) return false;
  const retracted = retractedIn(scope.delta, scope.bounds);
  return found(sql<{ found: boolean }>`select exists (${retracted}) as found`.execute(trx));
}

async function anyArrived(trx: DatabaseTransaction, delta: string): Promise<boolean> {
  return found(sql<{ found: boolean }>`select exists (select from ${deltaOf(delta)}) as found`.execute(trx));
}

async function found(answer: Promise<{ rows: readonly { found: boolean }[] }>): Promise<boolean> {
  return (await answer).rows[0]?.found === true;
}
