import { patched, workflowInfo } from '@temporalio/workflow';
import { orderedQuarantine, type Gate, type Verdict } from '../expectations/verdict.ts';
import type { PlannedModel } from '../models/plan.ts';
import { askGate } from './ask-gate.ts';
import type { Decision } from './decisions.ts';
import { brokenText, pageHeld, resolveIncident, tellOutcome } from './gate-pages.ts';
import { waitForDecision, type Hold } from './holds.ts';
import { note, type ModelOutcome } from './model-outcome.ts';
import { isoMinute, rowsText } from './progress.ts';
import { nothingAside, setAside, setAsideUnasked, type Aside } from './set-aside.ts';
import { stations } from './stations.ts';
import type { Walk } from './walk.ts';

/** A gate that lets the batch through. */
export interface OpenPassage {
  readonly state: 'open';
  readonly override: { readonly verdictId: string } | null;
  /** What is worth knowing all the same, in words and counts. */
  readonly remarks: readonly string[];
  /** Rows that were set aside. */
  readonly quarantined: number;
}

/** What a gate, with whatever was decided about it, means for the walk. */
export type Passage =
  | OpenPassage
  | { readonly state: 'reload' }
  /** The load had been published before this run was reset to its gate. */
  | { readonly state: 'published' }
  | { readonly state: 'ended'; readonly outcome: ModelOutcome };

/**
 * Asks a gate, sets aside what its suite says may be, and while it holds: pages once a verdict, waits for a decision or
 * the deadline, and does what was decided. The event to reset to is known before the gate is asked: the next workflow
 * task that completes.
 *
 * @param load what the gate reads; `attempt` is the stage whose candidate an output gate sees.
 */
export async function passGate(
  walk: Walk,
  model: PlannedModel,
  gate: Gate,
  load: { readonly loadId: number; readonly attempt: number },
  text?: string,
): Promise<Passage> {
  const { loadId, attempt } = load;
  const suite = model.gates[gate]?.suite;
  const aside = nothingAside();
  if (suite === undefined) return opened(aside, null);
  let previous: Verdict | null = null;
  let heldSince: number | null = null;
  let lastDecision: Decision | null = null;
  let paged: string | null = null;
  for (;;) {
    const resetEventId: number = workflowInfo().historyLength + 1;
    const asked = { loadId, model: model.name, gate, suite, run: walk.run };
    const verdict = await askGate(walk, model, asked, { previous, text, aside });
    if (!verdict.blocks) {
      await tellOutcome(walk, model, verdict, aside, lastDecision);
      return opened(aside, verdict);
    }
    const unasked = await setAsideUnasked(walk, model, verdict, attempt, aside);
    if (unasked === 'published') return { state: 'published' };
    if (unasked === 'ask again') {
      previous = verdict;
      continue;
    }
    heldSince ??= Date.now();
    const heldUntil = heldSince + walk.request.holdForMs;
    const { refused } = aside;
    const hold: Hold = { verdict, resetEventId, heldSince, heldUntil, refused, decision: null };
    const held = await takeHold(walk, model, hold);
    if (held.state === 'published') return { state: 'published' };
    if (paged !== verdict.verdictId) await pageHeld(walk, model, hold);
    paged = verdict.verdictId;
    lastDecision = await awaitDecision(walk, model, hold);
    const passage = await carryOut(walk, model, hold, lastDecision, { attempt, aside });
    if (passage !== 'ask again') return passage;
    previous = verdict;
  }
}

/** What a decision makes of a held gate; none in time ends the load. */
async function carryOut(
  walk: Walk,
  model: PlannedModel,
  hold: Hold,
  decision: Decision | null,
  { attempt, aside }: { readonly attempt: number; readonly aside: Aside },
): Promise<Passage | 'ask again'> {
  const { verdictId, loadId } = hold.verdict;
  if (decision === null) {
    await letGo(walk, model, loadId);
    return { state: 'ended', outcome: expired(hold) };
  }
  switch (decision.name) {
    case 'retryGate':
      return 'ask again';
    case 'reloadAndRetry':
      return { state: 'reload' };
    case 'overrideGate':
      await resolveIncident(walk, model, hold.verdict, decision);
      return { ...opened(aside, hold.verdict), override: { verdictId } };
    case 'quarantineAndContinue': {
      const order = orderedQuarantine(hold.verdict);
      if (typeof order === 'string') return 'ask again'; // The update's validator has refused it.
      const answer = await setAside(walk, model, hold.verdict, attempt, order, aside);
      return answer.state === 'published' ? { state: 'published' } : 'ask again';
    }
    case 'abandon':
      return { state: 'ended', outcome: await abandon(walk, model, loadId, decision) };
  }
}

/** Holds the model: other runs leave it from here on, and decisions about the verdict are taken. */
async function takeHold(walk: Walk, model: PlannedModel, hold: Hold) {
  const { verdict, heldSince, heldUntil, resetEventId, refused } = hold;
  // Before others can read of it: whoever sees the verdict may decide about it.
  walk.holds.set(model.name, hold);
  const held = await stations.hold(
    { loadId: verdict.loadId, model: model.name, verdictId: verdict.verdictId, run: walk.run },
    `hold ${model.name}: ${brokenText(verdict)}`,
  );
  if (held.state === 'published') {
    walk.holds.delete(model.name);
    return held;
  }
  const text = `${verdict.gate} gate: ${brokenText(verdict)}`;
  note(walk, model, 'held', text, { verdict, heldSince, heldUntil, resetEventId, refused });
  return held;
}

/** Waits for a decision, and writes down what was decided before it acts. */
async function awaitDecision(walk: Walk, model: PlannedModel, hold: Hold): Promise<Decision | null> {
  const { verdict, heldUntil } = hold;
  const id = verdict.verdictId.slice(0, 8);
  const summary = `HELD ${model.name} until ${isoMinute(heldUntil)}: ${brokenText(verdict)} (verdict ${id})`;
  const decision = await waitForDecision(hold, heldUntil - Date.now(), summary);
  if (decision) {
    await stations.decide(
      {
        verdictId: verdict.verdictId,
        decision: decision.name,
        reason: decision.reason,
        by: decision.by,
        model: model.name,
        loadId: verdict.loadId,
        run: walk.run,
      },
      `${decision.name} ${model.name} by ${decision.by}`,
    );
  }
  walk.holds.delete(model.name);
  note(walk, model, 'loading', decision ? `${decision.name} by ${decision.by}` : 'the hold expired');
  return decision;
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
  loadId: number,
  decision: Decision,
): Promise<ModelOutcome> {
  await stations.release(
    { loadId, model: model.name, run: walk.run, outcome: 'abandoned' },
    `abandon ${model.name} by ${decision.by}`,
  );
  return { state: 'abandoned', reason: `abandoned by ${decision.by}: ${decision.reason}` };
}
