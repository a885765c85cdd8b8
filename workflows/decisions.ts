import { ApplicationFailure, defineUpdate } from '@temporalio/workflow';
import type { Verdict } from '../expectations/verdict.ts';
import { personalIn } from '../expectations/redact.ts';

/** What a person may decide about a held gate. */
export const DECISIONS = {
  retryGate:
    'Check the same rows again, with the parameters as they are now. Input: {"verdictId", "reason", "by"}',
  reloadAndRetry:
    'Extract and stage from the same watermark again, then check. For a source that was mended. Input: {"verdictId", "reason", "by"}',
  overrideGate:
    'Publish the batch although it failed; kept by name in the audit log. Input: {"verdictId", "reason" (15 letters or more), "by"}',
  quarantineAndContinue:
    'Set the rows aside that break a promise, check the rest, and publish it when it passes. Only where every promise that blocks is about rows. Input: {"verdictId", "reason", "by"}',
  abandon:
    'Give this batch up: nothing is published, the incident stays open, the next run meets the rows again. Input: {"verdictId", "reason", "by"}',
} as const;

export type DecisionName = keyof typeof DECISIONS;

/** The JSON a decision takes, in the Temporal UI or from `weir gate`. */
export interface DecisionInput {
  /** The verdict it answers. A newer verdict makes it stale, so a reset cannot replay it. */
  readonly verdictId: string;
  readonly reason: string;
  /** Who decides. A claim: Temporal's own principal stands beside it where the server has an authorizer. */
  readonly by?: string;
}

/** A decision that was accepted and is about to be written down and done. */
export interface Decision extends DecisionInput {
  readonly name: DecisionName;
  readonly by: string;
}

/** What the caller of an update gets back. */
export interface DecisionAccepted {
  readonly accepted: DecisionName;
  readonly model: string;
  readonly gate: string;
}

/** The update of each decision, by the name the Temporal UI lists. */
export const decisionUpdates = {
  retryGate: defineUpdate<DecisionAccepted, [DecisionInput]>('retryGate'),
  reloadAndRetry: defineUpdate<DecisionAccepted, [DecisionInput]>('reloadAndRetry'),
  overrideGate: defineUpdate<DecisionAccepted, [DecisionInput]>('overrideGate'),
  quarantineAndContinue: defineUpdate<DecisionAccepted, [DecisionInput]>('quarantineAndContinue'),
  abandon: defineUpdate<DecisionAccepted, [DecisionInput]>('abandon'),
} as const;

/** An override puts rows before readers that broke a promise: its reason has to say something. */
const OVERRIDE_REASON_LENGTH = 15;

/** What a decision says stands in the audit log, in the run's details and in the incident: none of them is for essays. */
const MOST = { verdictId: 64, reason: 1000, by: 100 } as const;

/** What the JSON to paste says where a person has to say something. */
const UNFILLED = { by: 'YOUR NAME', reason: 'WHY THESE ROWS MAY PASS' } as const;
const UNFILLED_REASONS: readonly string[] = [UNFILLED.reason, 'WHY THE REST MAY PASS', 'WHY'];

/**
 * Checks the shape of a decision's input. Synchronous on purpose: an async validator wedges the workflow.
 *
 * @throws ApplicationFailure `InvalidDecision`, with the mend.
 */
export function checkDecisionInput(name: DecisionName, input: unknown): DecisionInput {
  const fields: Partial<Record<keyof DecisionInput, unknown>> =
    typeof input === 'object' && input !== null ? input : {};
  const { verdictId, reason, by } = fields;
  if (typeof verdictId !== 'string' || verdictId === '') {
    throw refused(name, 'verdictId is missing', "copy it from the run's current details or from the page");
  }
  const least = name === 'overrideGate' ? OVERRIDE_REASON_LENGTH : 1;
  if (typeof reason !== 'string' || reason.trim().length < least) {
    throw refused(name, `reason needs ${least} or more letters`, 'say why, for those who read the audit log');
  }
  if (verdictId.length > MOST.verdictId || reason.trim().length > MOST.reason)
    throw refused(
      name,
      `verdictId or reason is too long`,
      `say it in ${MOST.reason} letters, and link to the rest`,
    );
  if (by !== undefined && (typeof by !== 'string' || by.trim() === '')) {
    throw refused(name, 'by is empty', 'give your name');
  }
  if (by !== undefined && by.trim().length > MOST.by) throw refused(name, 'by is too long', 'give your name');
  if (name === 'overrideGate' && by === undefined) {
    throw refused(name, 'by is missing', 'an override is kept by name: give yours');
  }
  const left = Object.values(UNFILLED).filter((template) => [by?.trim(), reason.trim()].includes(template));
  if (name === 'overrideGate' && left.length > 0)
    throw refused(
      name,
      `${left.join(' and ')} ${left.length === 1 ? 'is' : 'are'} to be filled in`,
      'say who you are, and why',
    );
  return { verdictId, reason: reason.trim(), ...(by === undefined ? {} : { by: by.trim() }) };
}

/**
 * Refuses a decision that names somebody's card, address or phone. Only a validator may: what it refuses is never in the
 * history, and what was accepted before is not asked again when a history is replayed.
 *
 * @throws ApplicationFailure `InvalidDecision`, with the mend.
 */
export function refusePersonal(name: DecisionName, { reason, by = '' }: DecisionInput): void {
  for (const [field, text] of Object.entries({ reason, by })) {
    const found = personalIn(text);
    if (found === null) continue;
    const mend =
      field === 'by' ? 'give your name without it' : 'say it without, and keep it where it may be kept';
    throw refused(name, `${field} has what looks like ${found} in it, and would stay in the history`, mend);
  }
}

/**
 * Refuses a decision whose JSON was pasted and not filled in: incident and audit log would say for ever that YOUR NAME
 * published, or gave up, for WHY. Whose reason says what was done (`parameter corrected`) goes without a name. Only a
 * validator may, as above.
 *
 * @throws ApplicationFailure `InvalidDecision`, with the mend.
 */
export function refuseUnfilled(name: DecisionName, { reason, by }: DecisionInput): void {
  const needsName = name === 'quarantineAndContinue' || name === 'abandon';
  if (UNFILLED_REASONS.includes(reason)) throw refused(name, `${reason} is to be filled in`, 'say why');
  if (needsName && by === UNFILLED.by)
    throw refused(name, `${UNFILLED.by} is to be filled in`, 'say who you are');
}

/** The sentence for a decision that answers another verdict than the one that holds now. */
export function staleDecision(
  name: DecisionName,
  input: DecisionInput,
  held: readonly Verdict[],
): ApplicationFailure {
  if (held.length === 0)
    return refused(name, 'no gate of this run is held now', 'look at its current details');
  const now = held.map((verdict) => `${verdict.model} ${verdict.gate}: ${verdict.verdictId}`).join('; ');
  return refused(name, `verdict ${input.verdictId} does not stand (any more)`, `what is held now: ${now}`);
}

/** The sentence for a second decision while the first is being carried out. */
export function decisionPending(name: DecisionName, pending: Decision): ApplicationFailure {
  return refused(name, `${pending.name} by ${pending.by} is being carried out`, 'wait for its outcome');
}

/** The sentence for a quarantine where there is something that no row can be blamed for. */
export function notRows(name: DecisionName, why: string): ApplicationFailure {
  return refused(name, why, 'mend it and retryGate or reloadAndRetry, or override by name what broke');
}

function refused(name: DecisionName, problem: string, mend: string): ApplicationFailure {
  const failure = ApplicationFailure.nonRetryable(`${name} refused: ${problem}; ${mend}.`, 'InvalidDecision');
  // The Temporal UI shows it below the sentence: where in our code it was refused helps nobody who decides.
  failure.stack = '';
  return failure;
}
