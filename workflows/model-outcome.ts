import type { Verdict } from '../expectations/verdict.ts';
import type { PlannedModel } from '../models/plan.ts';
import type { Override } from './gate-passage.ts';
import { verdictText, type HeldProgress } from './progress.ts';
import type { Walk } from './walk.ts';

/** How a model's part of a run ended. */
export interface ModelOutcome {
  readonly state: 'published' | 'empty' | 'heldElsewhere' | 'left' | 'abandoned' | 'expired' | 'failed';
  /** Rows inserted or updated. */
  readonly rows?: number;
  readonly reason?: string;
  /** What its gates let through or set aside, in words and counts; left out where all held. */
  readonly remarks?: readonly string[];
  /** Who has answered for it at which gate, and why; left out where nobody had to. */
  readonly overrides?: readonly Override[];
}

/** Writes down where a model stands, and shows it in the run's details. */
export function note(
  walk: Walk,
  model: PlannedModel,
  state: 'loading' | 'checking' | 'held' | 'published' | 'empty',
  text: string,
  held: HeldProgress | null = null,
): void {
  const line = walk.progress.models.get(model.name);
  if (!line) return;
  if (line.state !== state) line.since = Date.now();
  line.state = state;
  line.note = text;
  line.held = held;
  walk.show();
}

/** Shows what a gate found, and of how many rows. */
export function noteVerdict(walk: Walk, model: PlannedModel, verdict: Verdict): void {
  const line = walk.progress.models.get(model.name);
  if (!line) return;
  line.verdicts.set(verdict.gate, verdictText(verdict));
  line.rows = verdict.rows ?? line.rows;
}

/** Shows how many rows a station has made. */
export function noteRows(walk: Walk, model: PlannedModel, rows: number): void {
  const line = walk.progress.models.get(model.name);
  if (line) line.rows = rows;
}
