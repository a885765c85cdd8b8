import { workflowInfo } from '@temporalio/workflow';
import type { Gate, Verdict } from '../expectations/verdict.ts';
import type { PlannedModel } from '../models/plan.ts';
import type { Decision } from './decisions.ts';
import { waitForDecision, type Hold } from './holds.ts';
import { note, type ModelOutcome } from './model-outcome.ts';
import { isoMinute } from './progress.ts';
import { stations } from './stations.ts';
import type { Walk } from './walk.ts';

/** What a gate, with whatever was decided about it, means for the walk. */
export type Passage =
  | { readonly state: 'open'; readonly override: { readonly verdictId: string } | null }
  | { readonly state: 'reload' }
  /** The load had been published before this run was reset to its gate. */
  | { readonly state: 'published' }
  | { readonly state: 'ended'; readonly outcome: ModelOutcome };

/**
 * Asks a gate, and while it holds: pages once a verdict, waits for a decision or the deadline, and does what was
 * decided. The event to reset to is known before the gate is asked: the next workflow task that completes.
 */
export async function passGate(
  walk: Walk,
  model: PlannedModel,
  gate: Gate,
  loadId: number,
  text?: string,
): Promise<Passage> {
  const suite = model.gates[gate]?.suite;
  if (suite === undefined) return { state: 'open', override: null };
  let previous: Verdict | null = null;
  let heldSince: number | null = null;
  let lastDecision: Decision | null = null;
  for (;;) {
    const resetEventId: number = workflowInfo().historyLength + 1;
    note(walk, model, 'checking', `${gate} gate, suite ${suite}`);
    const summary = `gate ${model.name} · ${gate} · suite ${suite}${text === undefined ? '' : ` · ${text}`}`;
    const asked = { loadId, model: model.name, gate, suite, run: walk.run };
    const again = previous ? { previous: { verdictId: previous.verdictId } } : {};
    const verdict: Verdict = await stations.gate({ ...asked, ...again }, summary);
    if (!verdict.blocks) {
      await resolveIncident(walk, model, verdict, lastDecision);
      return { state: 'open', override: null };
    }
    heldSince ??= Date.now();
    const heldUntil = heldSince + walk.request.holdForMs;
    const hold: Hold = { verdict, resetEventId, heldSince, heldUntil, decision: null };
    const held = await takeHold(walk, model, hold);
    if (held.state === 'published') return { state: 'published' };
    if (previous?.verdictId !== verdict.verdictId) await pageHeld(walk, model, hold);
    lastDecision = await awaitDecision(walk, model, hold);
    const passage = await carryOut(walk, model, hold, lastDecision);
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
): Promise<Passage | 'ask again'> {
  if (decision === null) return { state: 'ended', outcome: expired(hold) };
  const { verdictId, loadId } = hold.verdict;
  switch (decision.name) {
    case 'retryGate':
      return 'ask again';
    case 'reloadAndRetry':
      return { state: 'reload' };
    case 'overrideGate':
      await resolveIncident(walk, model, hold.verdict, decision);
      return { state: 'open', override: { verdictId } };
    case 'abandon':
      return { state: 'ended', outcome: await abandon(walk, model, loadId, decision) };
  }
}

/** Holds the model: other runs leave it from here on, and decisions about the verdict are taken. */
async function takeHold(walk: Walk, model: PlannedModel, hold: Hold) {
  const { verdict, heldSince, heldUntil, resetEventId } = hold;
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
  note(walk, model, 'held', text, { verdict, heldSince, heldUntil, resetEventId });
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

/** `4 of 8 promises broken`, or that the gate could not be checked. */
function brokenText({ failed, evaluated, reason }: Verdict): string {
  return reason === null
    ? `${failed.length} of ${evaluated} promises broken`
    : 'the gate could not be checked';
}

async function pageHeld(walk: Walk, model: PlannedModel, hold: Hold): Promise<void> {
  await stations.page(
    {
      kind: 'gateHeld',
      verdict: hold.verdict,
      model: { name: model.name, owner: model.owner, runbook: model.runbook, downstream: model.downstream },
      run: walk.run,
      resetEventId: hold.resetEventId,
      holdUntil: new Date(hold.heldUntil).toISOString(),
    },
    `PAGE ${model.name} held: ${brokenText(hold.verdict)}`,
  );
}

/** Closes the gate's incident, where one is open, once the gate passes or somebody answers for it. */
async function resolveIncident(
  walk: Walk,
  model: PlannedModel,
  verdict: Verdict,
  decision: Decision | null,
): Promise<void> {
  if (!verdict.incidentOpen && decision === null) return;
  await stations.page(
    {
      kind: 'gatePassed',
      model: model.name,
      gate: verdict.gate,
      suite: verdict.suite,
      verdictId: verdict.verdictId,
      run: walk.run,
      ...(decision
        ? { by: { decision: decision.name, reason: decision.reason, decidedBy: decision.by } }
        : {}),
    },
    `resolve the incident of ${model.name}`,
  );
}

function expired({ verdict, heldUntil, resetEventId }: Hold): ModelOutcome {
  return {
    state: 'expired',
    reason:
      `${verdict.gate} gate (suite ${verdict.suite}) was held until ${isoMinute(heldUntil)} and nobody decided; reset` +
      ` this run to event ${resetEventId} to check the same rows again, or let the next run meet them`,
  };
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
