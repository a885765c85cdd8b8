import { CancellationScope, patched } from '@temporalio/workflow';
import type { Looked } from '../activities/look.ts';
import type { PlannedModel } from '../models/plan.ts';
import type { Decision } from './decisions.ts';
import { brokenText } from './gate-pages.ts';
import { waitForDecision, type Hold, type Standing } from './holds.ts';
import { note } from './model-outcome.ts';
import { givesWay } from './of-backfill.ts';
import { isoMinute } from './progress.ts';
import { stations } from './stations.ts';
import type { Walk } from './walk.ts';

/** How a hold ended: by a person, by what has changed since, or by its deadline. */
export type HoldEnd =
  | { readonly by: 'decision'; readonly decision: Decision }
  | { readonly by: 'look'; readonly looked: Looked }
  | { readonly by: 'deadline' };

/** Holds the model: other runs leave it from here on, and decisions about the verdict are taken. */
export async function takeHold(walk: Walk, model: PlannedModel, hold: Hold) {
  const { verdict, heldSince, heldUntil, resetEventId, refused, standing } = hold;
  const { looks, because } = standing;
  // Before others can read of it: whoever sees the verdict may decide about it.
  walk.holds.set(model.name, hold);
  const held = await stations.hold(
    {
      loadId: verdict.loadId,
      model: model.name,
      verdictId: verdict.verdictId,
      run: walk.run,
      since: new Date(heldSince).toISOString(),
    },
    `hold ${model.name}: ${brokenText(verdict)}`,
  );
  if (held.state === 'published') {
    walk.holds.delete(model.name);
    return held;
  }
  const text = `${verdict.gate} gate: ${brokenText(verdict)}`;
  const looked = looks === 0 ? null : { times: looks, because };
  note(walk, model, 'held', text, { verdict, heldSince, heldUntil, resetEventId, refused, looked });
  return held;
}

/** Waits for a decision and looks meanwhile whether one is still needed; what was decided is written down before it acts. */
export async function awaitEnd(walk: Walk, model: PlannedModel, hold: Hold): Promise<HoldEnd> {
  const { verdict, heldUntil } = hold;
  const id = verdict.verdictId.slice(0, 8);
  const summary = `HELD ${model.name} until ${isoMinute(heldUntil)}: ${brokenText(verdict)} (verdict ${id})`;
  const decision = await whileLooking(walk, model, hold, () =>
    waitForDecision(hold, heldUntil - Date.now(), summary),
  );
  const written = decision === null ? null : await writeDown(walk, model, hold, decision);
  walk.holds.delete(model.name);
  const { looked, standing } = hold;
  if (written?.given === true) {
    standing.waiting = decision;
    const what = `${model.name} was given to another run`;
    return { by: 'look', looked: { changed: 'lease', what, seen: standing.seen } };
  }
  if (decision !== null) {
    note(walk, model, 'loading', `${decision.name} by ${decision.by}`);
    return { by: 'decision', decision };
  }
  if (looked !== null) {
    const next = looked.changed === 'lease' ? 'loading again when its turn comes' : 'checking again';
    note(walk, model, 'loading', `${looked.what}: ${next}`);
    return { by: 'look', looked };
  }
  note(walk, model, 'loading', 'the hold expired');
  return { by: 'deadline' };
}

/**
 * Lets a look go on beside a wait, and ends it with the wait. However the look ends, the hold does not fail with it: then
 * nobody looks, and people decide.
 */
async function whileLooking<T>(
  walk: Walk,
  model: PlannedModel,
  hold: Hold,
  wait: () => Promise<T>,
): Promise<T> {
  if (!patched('look-while-held')) return await wait();
  const scope = new CancellationScope();
  const look = scope.run(() => stations.look(...lookFor(walk, model, hold)));
  const looking = look.then(
    (looked) => {
      hold.looked = looked;
    },
    () => undefined,
  );
  try {
    return await wait();
  } finally {
    scope.cancel();
    await looking;
  }
}

/** A look may be as long under way as the hold lasts. */
function lookFor(walk: Walk, model: PlannedModel, hold: Hold): Parameters<typeof stations.look> {
  const { verdict, heldUntil, standing } = hold;
  const { loadId, gate, evaluationId } = verdict;
  const { looks, seen } = standing;
  const { sources } = model;
  return [
    {
      loadId,
      model: model.name,
      gate,
      evaluationId,
      sources,
      seen,
      looks,
      run: walk.run,
      ...turn(walk, standing),
    },
    `look ${model.name}: until its source or a parameter changes`,
    Math.max(heldUntil - Date.now(), 1),
  ];
}

async function writeDown(
  walk: Walk,
  model: PlannedModel,
  { verdict, standing }: Hold,
  decision: Decision,
): ReturnType<typeof stations.decide> {
  return await stations.decide(
    {
      verdictId: verdict.verdictId,
      decision: decision.name,
      reason: decision.reason,
      by: decision.by,
      model: model.name,
      loadId: verdict.loadId,
      run: walk.run,
      ...turn(walk, standing),
    },
    `${decision.name} ${model.name} by ${decision.by}`,
  );
}

/** Each turn is a load and some fifty events of the history: of a hold under a schedule of a minute, an hour's. */
const MOST_TURNS = 60;

function turn(walk: Walk, { turns }: Standing): { readonly yields?: true } {
  return givesWay(walk) && turns < MOST_TURNS ? { yields: true } : {};
}
