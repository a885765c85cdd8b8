import type { Generated } from 'kysely';
import type { DefaultedTimestamp } from './column-types.ts';

/** A promise as one gate asks it: the same one though its bounds or its place in the suite change. */
export interface PromiseTable {
  promise_id: Generated<number>;
  model: string;
  gate: 'input' | 'output';
  suite: string;
  /** Type and columns, a hash of its row condition, a number where that is not all that tells it apart. */
  key: string;
  /** In the suite, from 0, when it was last asked. */
  place: number;
  type: string;
  column_name: string | null;
  unit: 'value' | 'age' | 'share' | null;
}

/** What became of a promise at one evaluation of its gate: counts, and no value of a personal column. */
export interface PromiseResultTable {
  evaluation_id: number;
  evaluated_at: DefaultedTimestamp;
  unexpected: number | null;
  elements: number | null;
  observed: number | null;
  lower: number | null;
  upper: number | null;
  promise_id: number;
  outcome: 'held' | 'broken' | 'errored';
  severity: 'info' | 'warning' | 'critical';
}

/** Six hours of a promise's results; a trigger keeps them. */
export interface PromiseSpanTable {
  promise_id: number;
  from_at: Date;
  first_id: number;
  evaluations: number;
  broken: number;
  worst: 'held' | 'broken' | 'errored';
  low: number | null;
  high: number | null;
  last: number | null;
  lower: number | null;
  upper: number | null;
  last_id: number | null;
}
