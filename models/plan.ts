import type { Graph } from './graph.ts';
import { isPublished, isSource } from './model.ts';
import type { PublishedModel, Schedule } from './model.ts';

/** A source that a run extracts before the models that read it. */
export interface PlannedSource {
  readonly name: string;
  readonly reader: string;
  readonly relation: string;
}

/** A model that a run gates, stages and publishes. */
export interface PlannedModel {
  readonly name: string;
  readonly relation: string;
  readonly kind: PublishedModel['kind'];
  readonly owner: string;
  readonly runbook: string | null;
  /** Sources of this plan that must be extracted first, those of its upstream models left out. */
  readonly sources: readonly string[];
  /** Models of this plan it reads. */
  readonly upstream: readonly string[];
  /** Every model that depends on it, of whatever pipeline, nearest first. */
  readonly downstream: readonly string[];
  readonly gates: { readonly input: { readonly suite: string } | null; readonly output: { readonly suite: string } | null };
  readonly gateReason: string | null;
}

/** What one run does, as data: it is kept in the run's history. */
export interface Plan {
  readonly pipeline: Schedule;
  /** Same models, same SQL, same suites: same hash. */
  readonly planHash: string;
  readonly sources: readonly PlannedSource[];
  /** In dependency order. */
  readonly models: readonly PlannedModel[];
}
