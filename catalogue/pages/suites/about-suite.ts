import type { Suite } from '../../../expectations/suite.ts';
import type { AskingGate } from '../../read/suite-gates.ts';
import type { LastVerdict } from '../../read/model-summaries.ts';
import type { BoundsHolding, PromiseHistory } from '../../read/promise-history.ts';
import type { Site, To } from '../../site.ts';

/** What the page of a suite is made of. */
export interface AboutSuite {
  readonly site: Site;
  readonly to: To;
  /** Its file's name without `.json`, by which gates name it. */
  readonly name: string;
  readonly suite: Suite;
  readonly gates: readonly GatePast[];
  /** Where bounds would have to be, by promise. */
  readonly holding: ReadonlyMap<number, BoundsHolding>;
}

/** A gate that asks the suite, and what it found. */
export interface GatePast {
  readonly asking: AskingGate;
  readonly last: LastVerdict | null;
  readonly histories: readonly PromiseHistory[];
}

/** For how long back lines are drawn, days. */
export const LINE_DAYS = 30;

/** For how long back bounds are asked of, days: as long as a quarter, so that a month's end is in it. */
export const BOUND_DAYS = 90;
