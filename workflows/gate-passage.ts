import { patched, workflowInfo } from '@temporalio/workflow';
import type { Looked } from '../activities/look.ts';
import { orderedQuarantine, type Gate, type Verdict } from '../expectations/verdict.ts';
import type { PlannedModel } from '../models/plan.ts';
import { askGate } from './ask-gate.ts';
import type { Decision } from './decisions.ts';
import { brokenText, pageHeld, resolveIncident, tellAbandoned, tellOutcome } from './gate-pages.ts';
import { awaitEnd, takeHold, type HoldEnd } from './hold-model.ts';
import { newStanding, type Hold, type Standing } from './holds.ts';
import type { ModelOutcome } from './model-outcome.ts';
import { isoMinute, rowsText } from './progress.ts';
import { nothingAside, setAside, setAsideUnasked, type Aside } from './set-aside.ts';
import { stations } from './stations.ts';
import type { Walk } from './walk.ts';

/** A gate that lets the batch through. */
export interface OpenPassage {
  readonly state: 'open';
  /** Who has answered for what failed, and why; null where nobody had to. */
  readonly override: Override | null;
  /** What is worth knowing all the same, in words and counts. */
  readonly remarks: readonly string[];
  /** Rows that were set aside. */
  readonly quarantined: number;
}

/** A verdict that somebody has answered for by name and reason. */
export interface Override {
  readonly gate: Gate;
  readonly verdictId: string;
  readonly by: string;
  readonly reason: string;
}

/** What a gate, with whatever was decided about it, means for the walk. */
export type Passage =
  | OpenPassage
  /** `standing`: the hold goes on, where nobody but the run itself asked for the reload. */
  | { readonly state: 'reload'; readonly standing: Standing | null }
  /** The load had been published before this run was reset to its gate. */
  | { readonly state: 'published' }
  /**
   * The load was abandoned before this run was reset to its gate, or with the model given to another run, in which case
   * the hold goes on: the walk begins with another.
   */
  | { readonly state: 'gone'; readonly standing: Standing | null }
  | { readonly state: 'ended'; readonly outcome: ModelOutcome };

/**
 * Asks a gate, sets aside what its suite says may be, and while it holds: pages once a verdict, waits for a decision or
 * the deadline, and does what was decided. The event to reset to is known before the gate is asked: the next workflow
 * task that completes.
 *
 * @param load what the gate reads; `attempt` is the stage whose candidate an output gate sees.
 * @param asked of a batch that the run has loaded again by itself: the hold that goes on, and rows in words.
 */
export async function passGate(
  walk: Walk,
  model: PlannedModel,
  gate: Gate,
  load: { readonly loadId: number; readonly attempt: number },
  { text, standing = newStanding(gate) }: { readonly text?: string; readonly standing?: Standing } = {},
): Promise<Passage> {
  const { loadId, attempt } = load;
  const suite = model.gates[gate]?.suite;
  const aside = nothingAside();
  if (suite === undefined) return opened(aside, null);
  let lastDecision: Decision | null = null;
  for (;;) {
    const resetEventId: number = workflowInfo().historyLength + 1;
    const asked = { loadId, model: model.name, gate, suite, run: walk.run };
    const verdict = await askGate(walk, model, asked, { standing, text, aside });
    if (verdict.ended === 'published') return { state: 'published' };
    if (verdict.ended !== undefined) return { state: 'gone', standing };
    if (!verdict.blocks) {
      await tellOutcome(walk, model, verdict, aside, lastDecision);
      Object.assign(standing, newStanding(gate)); // Whatever holds it after this is another hold.
      return opened(aside, verdict);
    }
    const unasked = await setAsideUnasked(walk, model, verdict, attempt, aside);
    if (unasked === 'published') return { state: 'published' };
    if (unasked === 'ask again') {
      standing.previous = verdict;
      continue;
    }
    const hold = newHold(walk, verdict, { resetEventId, refused: aside.refused, standing });
    const held = await takeHold(walk, model, hold);
    if (held.state === 'published') return { state: 'published' };
    if (standing.paged !== verdict.verdictId) await pageHeld(walk, model, hold);
    standing.paged = verdict.verdictId;
    standing.previous = verdict;
    const end = await awaitEnd(walk, model, hold);
    lastDecision = end.by === 'decision' ? end.decision : null;
    const passage = await carryOut(walk, model, hold, end, { attempt, aside });
    if (passage !== 'ask again') return passage;
  }
}

/** What becomes of a held gate: looked at again by itself it stands as it did, and without a decision in time it ends. */
async function carryOut(
  walk: Walk,
  model: PlannedModel,
  hold: Hold,
  end: HoldEnd,
  { attempt, aside }: { readonly attempt: number; readonly aside: Aside },
): Promise<Passage | 'ask again'> {
  const { standing } = hold;
  const { verdictId, loadId, gate } = hold.verdict;
  if (end.by === 'deadline') {
    await letGo(walk, model, loadId);
    return { state: 'ended', outcome: expired(hold) };
  }
  if (end.by === 'look') return afterLook(standing, end.looked);
  const { decision } = end;
  standing.because = null;
  switch (decision.name) {
    case 'retryGate':
      return 'ask again';
    case 'reloadAndRetry':
      return { state: 'reload', standing: null };
    case 'overrideGate':
      await resolveIncident(walk, model, hold.verdict, decision);
      return {
        ...opened(aside, hold.verdict),
        override: { gate, verdictId, by: decision.by, reason: decision.reason },
      };
    case 'quarantineAndContinue': {
      const order = orderedQuarantine(hold.verdict);
      if (typeof order === 'string') return 'ask again'; // The update's validator has refused it.
      const answer = await setAside(walk, model, hold.verdict, attempt, order, aside);
      return answer.state === 'published' ? { state: 'published' } : 'ask again';
    }
    case 'abandon':
      return { state: 'ended', outcome: await abandon(walk, model, hold.verdict, decision) };
  }
}

/** What the run has found by itself: the hold goes on, with the same rows or the batch loaded again. */
function afterLook(standing: Standing, { changed, what, seen }: Looked): Passage | 'ask again' {
  Object.assign(standing, { seen, because: what });
  if (changed === 'lease') {
    Object.assign(standing, { turns: standing.turns + 1, awaySince: Date.now() });
    return { state: 'gone', standing };
  }
  standing.looks += 1;
  return changed === 'parameter' ? 'ask again' : { state: 'reload', standing };
}

/**
 * A hold that goes on keeps its beginning, is lengthened by the time in which another run had the model, and knows what
 * somebody decided about the same rows just then.
 */
function newHold(
  walk: Walk,
  verdict: Verdict,
  place: Pick<Hold, 'resetEventId' | 'refused' | 'standing'>,
): Hold {
  const { standing } = place;
  const heldSince = (standing.heldSince ??= Date.now());
  if (standing.awaySince !== null) standing.awayMs += Date.now() - standing.awaySince;
  standing.awaySince = null;
  const heldUntil = heldSince + walk.request.holdForMs + standing.awayMs;
  const decision = standing.waiting?.verdictId === verdict.verdictId ? standing.waiting : null;
  standing.waiting = null;
  return { verdict, ...place, heldSince, heldUntil, decision, looked: null };
}

function opened(aside: Aside, verdict: Verdict | null): OpenPassage {
  const { rows } = aside;
  const remarks = [
    ...(rows > 0 ? [`${rowsText(rows)} quarantined`] : []),
    ...(verdict?.outcome === 'fail' && !verdict.blocks ? [`${brokenText(verdict)}, and goes on`] : []),
  ];
  return {
    state: 'open',
    override: null,
    remarks: remarks.map((remark) => `${verdict?.gate} gate: ${remark}`),
    quarantined: rows,
  };
}

function expired({ verdict, heldUntil, resetEventId }: Hold): ModelOutcome {
  return {
    state: 'expired',
    reason:
      `${verdict.gate} gate (suite ${verdict.suite}) was held until ${isoMinute(heldUntil)} and nobody decided; reset` +
      ` this run to event ${resetEventId} to check the same rows again, or let the next run meet them`,
  };
}

/** Other branches may keep the run open for long: nobody has to wait for it. The load stays, for a reset. */
async function letGo(walk: Walk, model: PlannedModel, loadId: number): Promise<void> {
  if (!patched('expired-hold-lets-go')) return;
  await stations.release(
    { loadId, model: model.name, run: walk.run, outcome: 'expired' },
    `let go of ${model.name}: the hold expired`,
  );
}

async function abandon(
  walk: Walk,
  model: PlannedModel,
  verdict: Verdict,
  decision: Decision,
): Promise<ModelOutcome> {
  await stations.release(
    { loadId: verdict.loadId, model: model.name, run: walk.run, outcome: 'abandoned' },
    `abandon ${model.name} by ${decision.by}`,
  );
  await tellAbandoned(walk, model, verdict, decision);
  return { state: 'abandoned', reason: `abandoned by ${decision.by}: ${decision.reason}` };
}
