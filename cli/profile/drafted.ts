import type { JsonObject } from '../../expectations/json.ts';

/** A promise drafted, not yet checked against the whole table. */
export interface Drafted {
  readonly type: string;
  readonly kwargs: JsonObject;
  readonly critical: boolean;
  /** The figure it came from. */
  readonly fact: string;
}
