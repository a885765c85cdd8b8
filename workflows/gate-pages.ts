import { patched } from '@temporalio/workflow';
import type { Verdict } from '../expectations/verdict.ts';
import type { PlannedModel } from '../models/plan.ts';
import type { Decision } from './decisions.ts';
import type { Hold } from './holds.ts';
import type { Aside } from './set-aside.ts';
import { pageBeside } from './pages-beside.ts';
import type { Walk } from './walk.ts';

/** `4 of 8 promises broken`, or that the gate could not be checked. */
export function brokenText({ failed, evaluated, reason }: Verdict): string {
  return reason === null
    ? `${failed.length} of ${evaluated} promises broken`
    : 'the gate could not be checked';
}

/** Tells on-call that a gate holds its model. */
export async function pageHeld(walk: Walk, model: PlannedModel, hold: Hold): Promise<void> {
  await pageBeside(
    walk,
    model.name,
    {
      kind: 'gateHeld',
      verdict: hold.verdict,
      model: modelFacts(model),
      run: walk.run,
      resetEventId: hold.resetEventId,
      holdUntil: new Date(hold.heldUntil).toISOString(),
      ...(hold.refused === null ? {} : { refused: hold.refused }),
    },
    `PAGE ${model.name} held: ${brokenText(hold.verdict)}`,
  );
}

/**
 * Tells on-call how a gate that lets its model through ended. What is critical is loud whatever happens to the data: where
 * it goes on all the same, or went aside without anybody's word, the incident opens. Else one that is open is resolved.
 */
export async function tellOutcome(
  walk: Walk,
  model: PlannedModel,
  verdict: Verdict,
  aside: Aside,
  decision: Decision | null,
): Promise<void> {
  const unasked = decision === null ? aside.unasked : null;
  const whole = unasked === null ? verdict : wholeVerdict(unasked, verdict);
  if (verdict.outcome !== 'fail' && unasked?.outcome !== 'fail') {
    await resolveIncident(walk, model, verdict, decision);
    return await tellWarning(walk, model, verdict);
  }
  await pageBeside(
    walk,
    model.name,
    {
      kind: 'gateFailed',
      verdict: whole,
      model: modelFacts(model),
      run: walk.run,
      quarantined: aside.rows,
    },
    `PAGE ${model.name} goes on: ${brokenText(whole)}`,
  );
}

/** What was found before rows went aside, and what only the rest has broken. */
function wholeVerdict(unasked: Verdict, rest: Verdict): Verdict {
  const before = new Set(unasked.failed.map(({ index }) => index));
  return {
    ...unasked,
    failed: [...unasked.failed, ...rest.failed.filter(({ index }) => !before.has(index))],
  };
}

/**
 * Tells of warnings that differ from those of the load before, as a change event. Told by the verdict: gates of earlier
 * versions say nothing of it.
 */
async function tellWarning(walk: Walk, model: PlannedModel, verdict: Verdict): Promise<void> {
  if (verdict.warnsAnew !== true) return;
  await pageBeside(
    walk,
    model.name,
    { kind: 'gateWarned', verdict, model: modelFacts(model), run: walk.run },
    `tell of warnings of ${model.name}: ${brokenText(verdict)}`,
  );
}

/** Adds to the gate's incident who gave the batch up, and why. It stays open. */
export async function tellAbandoned(
  walk: Walk,
  model: PlannedModel,
  { gate, suite, verdictId }: Verdict,
  { name, reason, by }: Decision,
): Promise<void> {
  if (!patched('abandon-is-told')) return;
  await pageBeside(
    walk,
    model.name,
    {
      ...{ kind: 'gateAbandoned', model: model.name, gate, suite, verdictId, run: walk.run },
      by: { decision: name, reason, decidedBy: by },
    },
    `tell that ${model.name} was abandoned`,
  );
}

function modelFacts({ name, owner, tier, runbook, downstream }: PlannedModel) {
  return { name, owner, ...(tier === undefined ? {} : { tier }), runbook, downstream };
}

/** Closes the gate's incident, where one is open, once the gate passes or somebody answers for it. */
export async function resolveIncident(
  walk: Walk,
  model: PlannedModel,
  verdict: Verdict,
  decision: Decision | null,
): Promise<void> {
  // What this run has told may be on its way still, so that the gate could not see it.
  if (!verdict.incidentOpen && decision === null && !walk.pages.has(model.name)) return;
  await pageBeside(
    walk,
    model.name,
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
