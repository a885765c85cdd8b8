import type { PlannedModel } from '../models/plan.ts';
import type { Gate } from '../expectations/verdict.ts';
import { isCancelled } from './cancelled.ts';
import { passGate, type OpenPassage, type Override, type Passage } from './gate-passage.ts';
import type { Standing } from './holds.ts';
import { note, noteRows, type ModelOutcome } from './model-outcome.ts';
import { rowsText } from './progress.ts';
import { givesWay, isOfBackfill } from './of-backfill.ts';
import { isCandidateGone } from './run-end.ts';
import { stations } from './stations.ts';
import { step } from './steps.ts';
import type { Walk } from './walk.ts';

/**
 * One model's walk: open its window, gate what arrived, stage, gate the candidate, publish. Each line is a station;
 * a reload or a target that changed meanwhile walks again from where it must.
 */
export async function loadModel(walk: Walk, model: PlannedModel): Promise<ModelOutcome> {
  const byTime = walk.request.interval !== null || walk.slotAgain !== null;
  // Asked for by name it is refused instead, with what to do.
  if (byTime && model.timeless !== undefined && walk.request.models === null)
    return leftAsItStands(walk, model, model.timeless);
  let replaces: number | null = null;
  let standing: Standing | null = null;
  for (;;) {
    note(walk, model, 'loading', 'opening its window');
    const opened = await openWindow(walk, model, replaces, standing);
    if (opened.state === 'held') return leftToHolder(opened);
    const { loadId, remarks = [] } = opened;
    if (opened.ended === true) return endedEmpty(walk, model, remarks);
    if (opened.empty) return await publish(walk, model, { loadId, attempt: 0 }, [], 'no new rows', remarks);

    const arrived = await passGate(walk, model, 'input', { loadId, attempt: 0 }, goingOn('input', standing));
    if (arrived.state === 'ended') return arrived.outcome;
    if (arrived.state === 'published')
      return await publish(walk, model, { loadId, attempt: 0 }, [], 'published before');
    if (arrived.state === 'open') {
      const known = { ...arrived, remarks: [...remarks, ...arrived.remarks] };
      const walked = await stageAndPublish(walk, model, loadId, known, standing);
      if (walked.state !== 'reload' && walked.state !== 'gone') return walked;
      standing = walked.standing;
      if (walked.state === 'gone') continue;
    }
    if (arrived.state === 'gone') {
      standing = arrived.standing;
      continue;
    }
    if (arrived.state === 'reload') standing = arrived.standing;
    replaces = loadId;
    await extractAgain(walk, model, standing !== null);
  }
}

/** A hold that the run has looked at by itself goes on at its gate. */
function goingOn(gate: Gate, standing: Standing | null): { readonly standing?: Standing } {
  return standing?.gate === gate ? { standing } : {};
}

/** @param unasked nobody has asked for it: what cannot be extracted is left as it has landed, and the hold goes on. */
async function extractAgain(walk: Walk, model: PlannedModel, unasked: boolean): Promise<void> {
  const extracts = model.sources.map(async (source) => {
    try {
      await stations.extract({ source, run: walk.run }, step(walk, source, `extract ${source} again`));
    } catch (failure) {
      if (!unasked || isCancelled(failure)) throw failure;
    }
  });
  await Promise.all(extracts);
}

async function stageAndPublish(
  walk: Walk,
  model: PlannedModel,
  loadId: number,
  input: OpenPassage,
  standing: Standing | null,
): Promise<ModelOutcome | Extract<Passage, { readonly state: 'reload' | 'gone' }>> {
  for (;;) {
    note(walk, model, 'loading', 'staging');
    const staged = await stations.stage(
      { loadId, run: walk.run, model: model.name },
      step(walk, model.name, `stage ${model.name}`),
    );
    noteRows(walk, model, staged.staged);
    const text = rowsText(staged.staged);
    const fresh = { loadId, attempt: staged.attempt };
    if (staged.ended === 'abandoned') return { state: 'gone', standing };
    if (staged.ended === 'published') return await publish(walk, model, fresh, [], 'published before');
    if (staged.empty) return await publish(walk, model, fresh, overrides(input), 'nothing to change');

    let passage: Passage;
    try {
      passage = await passGate(walk, model, 'output', fresh, { text, ...goingOn('output', standing) });
    } catch (failure) {
      if (!isCandidateGone(failure)) throw failure;
      continue; // Housekeeping had dropped it before the run was reset to this gate.
    }
    if (passage.state === 'ended') return passage.outcome;
    if (passage.state === 'reload' || passage.state === 'gone') return passage;
    if (passage.state === 'published') return await publish(walk, model, fresh, [], 'published before');
    const remarks = [...input.remarks, ...passage.remarks];
    const left = [rowsText(staged.staged - passage.quarantined), ...remarks].join(' · ');
    const outcome = await publish(walk, model, fresh, overrides(input, passage), left, remarks);
    if (outcome.state !== 'left') return outcome;
  }
}

/** Whose word lets a load through, in the order of its gates. */
function overrides(...passages: readonly OpenPassage[]): readonly Override[] {
  return passages.flatMap(({ override }) => override ?? []);
}

function openWindow(walk: Walk, model: PlannedModel, replaces: number | null, standing: Standing | null) {
  return stations.open(
    {
      model: model.name,
      pipeline: walk.pipeline,
      asOf: walk.request.asOf,
      run: walk.run,
      ...windowRequest(walk, model),
      ...(walk.slotEnd === null ? {} : { slotEnd: walk.slotEnd }),
      ...turnOf(walk, standing),
      ...(replaces === null ? {} : { replaces }),
    },
    step(walk, model.name, `open ${model.name}`),
  );
}

/**
 * When its turn comes. As any run of a schedule, one that loads a slot again leaves a model that is held, but for one that
 * it has held itself and given to another run: it comes back to that.
 */
function turnOf(walk: Walk, standing: Standing | null) {
  if (givesWay(walk))
    return isOfBackfill() || isAway(standing) ? { yields: true } : { yields: true, leavesHeld: true };
  return walk.leavesBusy ? { leavesBusy: true } : {};
}

/** Whether it holds the model at a gate, and has given it to another run. */
function isAway(standing: Standing | null): boolean {
  return standing !== null && standing.awaySince !== null;
}

/** What the run's input or its slot say about what a model reads. */
export function windowRequest({ request, slotAgain }: Walk, { name }: PlannedModel) {
  const interval = request.interval ?? slotAgain;
  return {
    ...(interval ? { interval } : {}),
    ...(request.fullRefresh.includes(name) ? { rebuild: true } : {}),
    ...(request.replay === null ? {} : { replay: request.replay }),
  };
}

/** Its window was empty, and `open` has moved watermark and ledger: nothing is left to gate or publish. */
function endedEmpty(walk: Walk, model: PlannedModel, remarks: readonly string[]): ModelOutcome {
  note(walk, model, 'empty', 'no new rows');
  return { state: 'empty', rows: 0, ...(remarks.length > 0 ? { remarks } : {}) };
}

/** A run by event time has nothing to read of a model whose deltas know none: what depends on it goes on. */
function leftAsItStands(walk: Walk, model: PlannedModel, why: string): ModelOutcome {
  const remark = `left as it stands: ${why}`;
  note(walk, model, 'empty', remark);
  return { state: 'empty', rows: 0, remarks: [remark] };
}

function leftToHolder(opened: {
  readonly loading?: true;
  readonly by: { readonly workflowId: string };
  readonly since: string;
}): ModelOutcome {
  return {
    state: 'heldElsewhere',
    reason: `${opened.loading === true ? 'being loaded' : 'held'} by ${opened.by.workflowId} since ${opened.since}; that run or the next one takes the rows`,
  };
}

/** Publishes a load. `left` means the target changed since the gate looked: stage and gate again. */
async function publish(
  walk: Walk,
  model: PlannedModel,
  load: { readonly loadId: number; readonly attempt: number },
  overridden: readonly Override[],
  text: string,
  remarks: readonly string[] = [],
): Promise<ModelOutcome> {
  note(walk, model, 'loading', `publishing ${text}`);
  const override = overridden.at(-1);
  const who = [...new Set(overridden.map(({ by }) => by))].join(' and ');
  const allowed = override ? ` · OVERRIDDEN by ${who}` : '';
  const why = overridden.map(({ gate, reason }) => `${gate} gate: ${reason}`);
  const published = await stations.publish(
    {
      ...load,
      run: walk.run,
      model: model.name,
      ...(override ? { override: { verdictId: override.verdictId } } : {}),
    },
    step(walk, model.name, `publish ${model.name} · ${text}${allowed}`),
  );
  if (published.state === 'stale') return { state: 'left', reason: published.reason };
  const counts =
    `${published.inserted} inserted, ${published.updated} updated, ${published.unchanged} unchanged, ` +
    [`${published.deleted} deleted${allowed}`, ...why, ...remarks].join(' · ');
  note(walk, model, published.state, published.state === 'empty' ? text : counts);
  return {
    state: published.state,
    rows: published.inserted + published.updated,
    ...(override ? { overrides: overridden } : {}),
    ...(remarks.length > 0 ? { remarks } : {}),
  };
}
