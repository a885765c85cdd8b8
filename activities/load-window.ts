import { sql } from 'kysely';
import type { Gate } from '../expectations/verdict.ts';
import type { Model } from '../models/model.ts';
import type { Setting, Window } from '../models/window.ts';
import { asOfSetting, windowSettings } from '../models/window.ts';
import type { DatabaseTransaction } from './databases.ts';
import type { LoadRow } from './load.ts';

/** Sets settings for the rest of the transaction, in one statement, as bound values. */
export async function applySettings(trx: DatabaseTransaction, settings: readonly Setting[]): Promise<void> {
  if (settings.length === 0) return;
  const calls = settings.map(([name, value]) => sql`set_config(${name}, ${value}, true)`);
  await sql`select ${sql.join(calls)}`.execute(trx);
}

/**
 * The settings under which a session reads what a load reads: the deltas show its window, and `now()` is its as-of time.
 *
 * @param asOf ISO 8601, UTC.
 */
export function readingSettings(window: Window, asOf: string): readonly Setting[] {
  return [...windowSettings(window), asOfSetting(asOf), ['search_path', 'as_of, pg_catalog']];
}

/**
 * Makes the rest of a transaction read what a load reads.
 *
 * @param asOf ISO 8601, UTC.
 */
export async function applyWindow(trx: DatabaseTransaction, window: Window, asOf: string): Promise<void> {
  await applySettings(trx, readingSettings(window, asOf));
}

/** What a gate of a load reads. */
export interface GateRelation {
  readonly relation: { readonly schema: string; readonly table: string };
  /**
   * The column by which byte-equal deliveries of a record count once; null where none can be. Rows have to be collapsed
   * only when `count(*) <> count(distinct <column>)`.
   */
  readonly collapse: '_record_hash' | null;
}

/**
 * What a gate reads: `input` the model's delta (under the window that `applyWindow` has set), `output` the candidate.
 *
 * @param upstream the model that the delta belongs to; only rows of a source carry a hash of their record. Left out, it
 *   is taken to be a source.
 * @throws Error when the model has no such relation: a whole or touched model at `input`, a load without a candidate.
 */
export function gateRelation(load: LoadRow, model: Model, gate: Gate, upstream?: Model): GateRelation {
  if (gate === 'output') {
    if (load.candidate !== null)
      return { relation: { schema: 'candidate', table: load.candidate }, collapse: null };
    throw new Error(
      `Load ${load.loadId} of ${load.model} has no candidate: stage it before its output gate.`,
    );
  }
  if (!('shape' in model) || model.shape.kind !== 'map') {
    throw new Error(
      `${model.file} does not map the rows of one delta, so it has nothing for an input gate to read.`,
    );
  }
  const fromSource = upstream === undefined || upstream.kind === 'source';
  return {
    relation: { schema: 'delta', table: model.shape.delta },
    collapse: fromSource ? '_record_hash' : null,
  };
}
