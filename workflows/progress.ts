import type { Gate, Verdict } from '../expectations/verdict.ts';
import type { PlannedModel } from '../models/plan.ts';

export { countText, isoMinute, percentText, rowsText } from './progress/text.ts';

/** Where a model stands in its run. */
export type ModelState =
  | 'waiting'
  | 'loading'
  | 'checking'
  | 'held'
  | 'published'
  | 'empty'
  | 'left'
  | 'abandoned'
  | 'failed';

/** One line of a run's table. */
export interface ModelProgress {
  readonly model: PlannedModel;
  state: ModelState;
  /** Epoch milliseconds, by the workflow's clock: when it came to its state. */
  since: number;
  /** What happened last, in words and counts. */
  note: string;
  /** Rows that its last station read, staged or wrote; null before any has counted. */
  rows: number | null;
  /** What its gates found last, in words and counts. */
  readonly verdicts: Map<Gate, string>;
  /** A held gate, for the part of the details that tells what to press. */
  held: HeldProgress | null;
}

/** What a person needs to see of a held gate. */
export interface HeldProgress {
  readonly verdict: Verdict;
  readonly heldSince: number;
  readonly heldUntil: number;
  readonly resetEventId: number;
  /** Why nothing was set aside unasked although all that blocks says so; null where that is not the case. */
  readonly refused: string | null;
  /** How often the run has looked again by itself, and why the last time; null where it has not. */
  readonly looked?: { readonly times: number; readonly because: string | null } | null;
}

/** What a run shows of itself: everything `renderDetails` needs, kept up to date by the walk. */
export interface Progress {
  readonly workflowId: string;
  readonly pipeline: string;
  readonly asOf: string;
  readonly sources: Map<string, string>;
  /** Whether it is known which models there are. */
  planned: boolean;
  readonly models: Map<string, ModelProgress>;
  /** By model or source, the pipeline's own under its name: the event to reset to, by step. */
  readonly points: Map<string, Map<string, number>>;
  /** Ends of slots that no run has taken, ISO 8601; the last may say how many more. */
  missedSlots: readonly string[];
  /** The end of a later slot whose run reads what this one would have, ISO 8601; null where this one reads. */
  passedBy: string | null;
}

/** Nothing is known yet. */
export function newProgress(pipeline: string, asOf: string, workflowId: string): Progress {
  return {
    workflowId,
    pipeline,
    asOf,
    sources: new Map(),
    planned: false,
    models: new Map(),
    points: new Map(),
    missedSlots: [],
    passedBy: null,
  };
}

/** A model whose turn has not come. @param since epoch milliseconds */
export function waitingModel(model: PlannedModel, since: number): ModelProgress {
  return { model, state: 'waiting', since, note: '', rows: null, verdicts: new Map(), held: null };
}

/** The state of a run as search attribute `WeirGateState`: the loudest of its models', `running` until they are known. */
export function gateState(progress: Progress): 'running' | 'held' | 'failed' | 'left' | 'passed' {
  if (!progress.planned) return 'running';
  const states = [...progress.models.values()].map(({ state }) => state);
  if (states.includes('held')) return 'held';
  if (states.includes('failed') || states.includes('abandoned')) return 'failed';
  if (states.some((state) => state === 'waiting' || state === 'loading' || state === 'checking'))
    return 'running';
  return states.includes('left') ? 'left' : 'passed';
}

/** The suite of each gate that holds this run now: of two models that are held by one suite, twice. */
export function failedSuites(progress: Progress): string[] {
  return [...progress.models.values()].flatMap(({ held }) => (held ? [held.verdict.suite] : []));
}

/** What a verdict says, for a cell: `passed 8`, `1 of 8 broken`. */
export function verdictText({ outcome, evaluated, failed, reason }: Verdict): string {
  if (reason !== null) return 'not checked';
  return failed.length === 0 ? `${outcome} ${evaluated}` : `${outcome} ${failed.length} of ${evaluated}`;
}
