import { workflowInfo } from '@temporalio/workflow';
import type { Gate, Verdict } from '../expectations/verdict.ts';
import type { PlannedModel } from '../models/plan.ts';
import type { Decision } from './decisions.ts';
import { waitForDecision, type Hold } from './holds.ts';
import { isoMinute, rowsText } from './progress.ts';
import { stations } from './stations.ts';
import type { Walk } from './walk.ts';

/** How a model's part of a run ended. */
export interface ModelOutcome {
  readonly state: 'published' | 'empty' | 'heldElsewhere' | 'left' | 'abandoned' | 'expired' | 'failed';
  /** Rows inserted or updated. */
  readonly rows?: number;
  readonly reason?: string;
}

/** What a gate, with whatever was decided about it, means for the walk. */
type Passage =
  | { readonly state: 'open'; readonly override: { readonly verdictId: string } | null; readonly verdict: Verdict | null }
  | { readonly state: 'reload' }
  | { readonly state: 'ended'; readonly outcome: ModelOutcome };

/**
 * One model's walk: open its window, gate what arrived, stage, gate the candidate, publish. Each line is a station;
 * a reload or a target that changed meanwhile walks again from where it must.
 */
export async function loadModel(walk: Walk, model: PlannedModel): Promise<ModelOutcome> {
  let replaces: number | null = null;
  for (;;) {
    note(walk, model, 'loading', 'opening its window');
    const opened = await openWindow(walk, model, replaces);
    if (opened.state === 'held') return leftToHolder(opened);
    const { loadId } = opened;
    if (opened.empty) return await publish(walk, model, { loadId, attempt: 0 }, null, 'no new rows');

    const arrived = await passGate(walk, model, 'input', loadId);
    if (arrived.state === 'ended') return arrived.outcome;
    if (arrived.state === 'open') {
      const walked = await stageAndPublish(walk, model, loadId, arrived.override);
      if (walked !== 'reload') return walked;
    }
    replaces = loadId;
    await Promise.all(
      model.sources.map((source) => stations.extract({ source, run: walk.run }, `extract ${source} again`)),
    );
  }
}

async function stageAndPublish(
  walk: Walk,
  model: PlannedModel,
  loadId: number,
  overrideOfInput: { readonly verdictId: string } | null,
): Promise<ModelOutcome | 'reload'> {
  for (;;) {
    note(walk, model, 'loading', 'staging');
    const staged = await stations.stage({ loadId, run: walk.run }, `stage ${model.name}`);
    const text = rowsText(staged.staged);
    const fresh = { loadId, attempt: staged.attempt };
    if (staged.empty) return await publish(walk, model, fresh, overrideOfInput, 'nothing to change');

    const passage = await passGate(walk, model, 'output', loadId, text);
    if (passage.state === 'ended') return passage.outcome;
    if (passage.state === 'reload') return 'reload';
    const outcome = await publish(walk, model, fresh, passage.override ?? overrideOfInput, text);
    if (outcome.state !== 'left') return outcome;
  }
}

function openWindow(walk: Walk, model: PlannedModel, replaces: number | null) {
  return stations.open(
    {
      model: model.name,
      pipeline: walk.pipeline,
      asOf: walk.request.asOf,
      run: walk.run,
      ...(walk.request.interval ? { interval: walk.request.interval } : {}),
      ...(replaces === null ? {} : { replaces }),
    },
    `open ${model.name}`,
  );
}

function leftToHolder(opened: { readonly by: { readonly workflowId: string }; readonly since: string }): ModelOutcome {
  return {
    state: 'heldElsewhere',
    reason: `held by ${opened.by.workflowId} since ${opened.since}; that run or the next one takes the rows`,
  };
}

/** Publishes a load. `left` means the target changed since the gate looked: stage and gate again. */
async function publish(
  walk: Walk,
  model: PlannedModel,
  load: { readonly loadId: number; readonly attempt: number },
  override: { readonly verdictId: string } | null,
  text: string,
): Promise<ModelOutcome> {
  note(walk, model, 'loading', `publishing ${text}`);
  const allowed = override ? ' · OVERRIDDEN' : '';
  const published = await stations.publish(
    { ...load, run: walk.run, ...(override ? { override } : {}) },
    `publish ${model.name} · ${text}${allowed}`,
  );
  if (published.state === 'stale') return { state: 'left', reason: published.reason };
  const counts =
    `${published.inserted} inserted, ${published.updated} updated, ${published.unchanged} unchanged, ` +
    `${published.deleted} deleted${allowed}`;
  note(walk, model, published.state, published.state === 'empty' ? text : counts);
  return { state: published.state, rows: published.inserted + published.updated };
}

/**
 * Asks a gate, and while it holds: pages once a verdict, waits for a decision or the deadline, and does what was
 * decided. The event to reset to is known before the gate is asked: the next workflow task that completes.
 */
async function passGate(
  walk: Walk,
  model: PlannedModel,
  gate: Gate,
  loadId: number,
  text?: string,
): Promise<Passage> {
  const suite = model.gates[gate]?.suite;
  if (suite === undefined) return { state: 'open', override: null, verdict: null };
  let previous: Verdict | null = null;
  let heldSince: number | null = null;
  let lastDecision: Decision | null = null;
  for (;;) {
    const resetEventId: number = workflowInfo().historyLength + 1;
    note(walk, model, 'checking', `${gate} gate, suite ${suite}`);
    const verdict: Verdict = await stations.gate(
      { loadId, model: model.name, gate, run: walk.run, ...(previous ? { previous: { verdictId: previous.verdictId } } : {}) },
      `gate ${model.name} · ${gate} · suite ${suite}${text === undefined ? '' : ` · ${text}`}`,
    );
    if (!verdict.blocks) {
      await resolveIncident(walk, model, verdict, lastDecision);
      return { state: 'open', override: null, verdict };
    }
    heldSince ??= Date.now();
    const hold: Hold = { verdict, resetEventId, heldSince, heldUntil: heldSince + walk.request.holdForMs, decision: null };
    lastDecision = await holdGate(walk, model, hold, previous?.verdictId !== verdict.verdictId);
    if (lastDecision === null) return { state: 'ended', outcome: expired(hold) };
    if (lastDecision.name === 'reloadAndRetry') return { state: 'reload' };
    if (lastDecision.name === 'overrideGate') {
      await resolveIncident(walk, model, verdict, lastDecision);
      return { state: 'open', override: { verdictId: verdict.verdictId }, verdict };
    }
    if (lastDecision.name === 'abandon') {
      return { state: 'ended', outcome: await abandon(walk, model, loadId, lastDecision) };
    }
    previous = verdict;
  }
}

/** Holds the model, tells on-call, waits, and writes down what was decided before it acts. */
async function holdGate(walk: Walk, model: PlannedModel, hold: Hold, isNews: boolean): Promise<Decision | null> {
  const { verdict, heldSince, heldUntil, resetEventId } = hold;
  const broken = `${verdict.failed.length} of ${verdict.evaluated} promises broken`;
  walk.holds.set(model.name, hold);
  note(walk, model, 'held', `${verdict.gate} gate: ${broken}`, { verdict, heldSince, heldUntil, resetEventId });
  await stations.hold(
    { loadId: verdict.loadId, model: model.name, verdictId: verdict.verdictId, run: walk.run },
    `hold ${model.name}: ${broken}`,
  );
  if (isNews) await pageHeld(walk, model, hold, broken);
  const summary = `HELD ${model.name} until ${isoMinute(heldUntil)}: ${broken} (verdict ${verdict.verdictId.slice(0, 8)})`;
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

async function pageHeld(walk: Walk, model: PlannedModel, hold: Hold, broken: string): Promise<void> {
  await stations.page(
    {
      kind: 'gateHeld',
      verdict: hold.verdict,
      model: { name: model.name, owner: model.owner, runbook: model.runbook, downstream: model.downstream },
      run: walk.run,
      resetEventId: hold.resetEventId,
      holdUntil: new Date(hold.heldUntil).toISOString(),
    },
    `PAGE ${model.name} held: ${broken}`,
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
      ...(decision ? { by: { decision: decision.name, reason: decision.reason, decidedBy: decision.by } } : {}),
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

async function abandon(walk: Walk, model: PlannedModel, loadId: number, decision: Decision): Promise<ModelOutcome> {
  await stations.release(
    { loadId, model: model.name, run: walk.run, outcome: 'abandoned' },
    `abandon ${model.name} by ${decision.by}`,
  );
  return { state: 'abandoned', reason: `abandoned by ${decision.by}: ${decision.reason}` };
}

function note(
  walk: Walk,
  model: PlannedModel,
  state: 'loading' | 'checking' | 'held' | 'published' | 'empty',
  text: string,
  held: { verdict: Verdict; heldSince: number; heldUntil: number; resetEventId: number } | null = null,
): void {
  const line = walk.progress.models.get(model.name);
  if (!line) return;
  line.state = state;
  line.note = text;
  line.held = held;
  walk.show();
}
