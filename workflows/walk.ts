import type { RunRef } from '../activities/run-ref.ts';
import type { Plan, PlannedInterval } from '../models/plan.ts';
import type { Holds } from './holds.ts';
import type { PipelineRequest } from './input.ts';
import type { Progress } from './progress.ts';

/** A walk over the models of one pipeline: what every part of the run shares. */
export interface Walk {
  readonly pipeline: Plan['pipeline'];
  readonly request: PipelineRequest;
  readonly run: RunRef;
  /** The end of the slot that a schedule started the run for, ISO 8601; null of a run by hand. */
  slotEnd: string | null;
  /** That slot, where the plan says to read it by event time. */
  slotAgain: PlannedInterval | null;
  /** Whether a model that another run goes on loading is left to it. */
  readonly leavesBusy: boolean;
  readonly progress: Progress;
  readonly holds: Holds;
  /** The last page of each model that was sent off beside the walk: the next one follows it, and the run waits for all. */
  readonly pages: Map<string, Promise<void>>;
  /** Whether on-call has been told that a part of this run failed. */
  failurePaged: boolean;
  /** Writes progress to the current details and the search attributes. */
  readonly show: () => void;
}
