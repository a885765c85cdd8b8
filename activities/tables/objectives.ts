import type { Generated } from 'kysely';
import type { DefaultedTimestamp, Timestamp } from './column-types.ts';

/** How old a model was at a whole minute, against what its header promised then. */
export interface FreshnessSampleTable {
  model: string;
  sampled_at: Timestamp;
  age_seconds: number;
  objective_seconds: number;
  is_good: boolean;
  /** Of one that is too old: where on its way the rows are. */
  station: string | null;
}

/** An interval of a pipeline's schedule, once it was due. */
export interface AvailabilitySlotTable {
  pipeline: string;
  slot_start: Timestamp;
  slot_end: Timestamp;
  due_at: Timestamp;
  is_good: boolean;
  late_models: Generated<string[]>;
  judged_at: DefaultedTimestamp;
}

/** What is promised now of a model or a pipeline. */
export interface ObjectivePromiseTable {
  kind: 'freshness' | 'availability';
  subject: string;
  target: number;
  objective_seconds: number;
  unit_seconds: number;
  since: Timestamp;
  measured_to: Timestamp;
}

/** What burns, and whether on-call has been told. */
export interface ObjectiveAlarmTable {
  alarm: 'freshness' | 'availability' | 'sourceSilent';
  subject: string;
  /** Another one each time that it begins or ends. */
  alarm_id: Generated<number>;
  state: 'raised' | 'cleared';
  severity: string;
  since: Timestamp;
  because: string | null;
  changed_at: DefaultedTimestamp;
  told: Generated<boolean>;
}

/** The last 30 days of an objective. */
export interface ObjectiveView {
  kind: 'freshness' | 'availability';
  subject: string;
  target: number;
  objective_seconds: number;
  unit_seconds: number;
  /** Samples; of minutes that nobody measured in `unmeasured`. */
  good: number;
  bad: number;
  unmeasured: number;
  /** Share, of all that was or should have been measured. */
  met_30d: number | null;
  /** Share of what may go wrong in 30 days; below 0 it is overspent. Null where the target allows nothing and something did. */
  budget_left: number | null;
  burning: boolean;
}
