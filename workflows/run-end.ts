import { ApplicationFailure, CancellationScope, patched, workflowInfo } from '@temporalio/workflow';
import { isError } from './is-error.ts';
import type { ModelOutcome } from './model-outcome.ts';
import { isOfBackfill } from './of-backfill.ts';
import { stations } from './stations.ts';
import type { Walk } from './walk.ts';

type Outcomes = Readonly<Record<string, ModelOutcome>>;

/**
 * Fails the run for what failed of it.
 *
 * @throws ApplicationFailure `GateHeld` when a hold expired, else `RunFailed` or, where nothing but people's decisions
 * ended models, `Abandoned`.
 */
export function throwIfFailed(sources: Outcomes, models: Outcomes): void {
  const all = [...Object.values(sources), ...Object.values(models)];
  const states = new Set(all.map(({ state }) => state));
  const sentences = [
    ...Object.entries(models).flatMap(([name, outcome]) =>
      ended(outcome) ? [`${name}: ${outcome.reason ?? outcome.state}`] : [],
    ),
    ...Object.values(sources).flatMap((outcome) => (ended(outcome) ? [outcome.reason ?? outcome.state] : [])),
  ];
  if (sentences.length === 0) return;
  const type = states.has('expired') ? 'GateHeld' : states.has('failed') ? 'RunFailed' : 'Abandoned';
  throw ApplicationFailure.nonRetryable(sentences.join('; '), type, models);
}

function ended({ state }: ModelOutcome): boolean {
  return state === 'failed' || state === 'expired' || state === 'abandoned';
}

/** A gate's own incident already says so; or a person sees at once that what they asked for cannot be. */
const NO_PAGE = ['GateHeld', 'Abandoned', 'InvalidInput', 'PageLost'];

/** Pages for a run that ends in a failure that nobody knows of yet. */
export async function pageRunFailure(walk: Walk, failure: unknown): Promise<void> {
  const inner = innermost(failure);
  if (inner instanceof ApplicationFailure && NO_PAGE.includes(inner.type ?? '')) return;
  await pageFailure(walk, messageOf(failure), typeOf(failure));
}

/**
 * Pages what failed of a run, once a run and as soon as it is known: what is held beside it may keep the run open for
 * half a day.
 */
export async function pageFailure(
  walk: Walk,
  failure: string,
  about: { readonly relation?: string; readonly failureType?: string } = {},
): Promise<void> {
  // A backfill tells of its intervals itself: one that ends well says nothing of a scheduled run that failed.
  if (walk.failurePaged || isOfBackfill()) return;
  walk.failurePaged = true;
  await CancellationScope.nonCancellable(() =>
    stations.page(
      { kind: 'runFailed', pipeline: walk.pipeline, run: walk.run, failure, ...about },
      `PAGE ${walk.pipeline} load failed`,
    ),
  );
}

/**
 * Whether this run carries on for one that was reset. Its plan may have been made before that one failed, and knows
 * nothing of the incident. Asked once, at the end; history keeps the answer as a marker, because a replay is not told
 * which run it is.
 */
export function wasReset(): boolean {
  const { runId, firstExecutionRunId, unsafe } = workflowInfo();
  if (!unsafe.isReplaying && runId === firstExecutionRunId) return false;
  return patched('reset-resolves-failure');
}

/** Resolves the incident of an earlier run that failed. */
export async function resolveFailure(walk: Walk): Promise<void> {
  await stations.page(
    { kind: 'runSucceeded', pipeline: walk.pipeline, run: walk.run },
    `resolve the incident of the failed ${walk.pipeline} load`,
  );
}

/** The message of what really failed. */
export function messageOf(failure: unknown): string {
  const inner = innermost(failure);
  return isError(inner) ? inner.message : String(inner);
}

/** The type that what really failed was thrown with, where it has one. */
export function typeOf(failure: unknown): { readonly failureType?: string } {
  const inner = innermost(failure);
  const type = inner instanceof ApplicationFailure ? inner.type : null;
  return type ? { failureType: type } : {};
}

/** Whether a gate found that the candidate it was to read is not there any more. */
export function isCandidateGone(failure: unknown): boolean {
  const inner = innermost(failure);
  return inner instanceof ApplicationFailure && inner.type === 'CandidateGone';
}

/** Temporal wraps an activity's failure in one that only says which activity it was. */
function innermost(failure: unknown): unknown {
  return isError(failure) && isError(failure.cause) ? failure.cause : failure;
}
