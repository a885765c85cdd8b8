import { sql } from 'kysely';
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
function readingSettings(window: Window, asOf: string): readonly Setting[] {
  return [...windowSettings(window), asOfSetting(asOf), ['search_path', 'as_of, pg_catalog']];
}

/** The same of a load in the ledger, the keys among them that it recomputes: what its stage and its gates read under. */
export function loadSettings({
  loadId,
  window,
  asOf,
}: Pick<LoadRow, 'loadId' | 'window' | 'asOf'>): readonly Setting[] {
  return [...readingSettings(window, asOf), ['weir.load_id', String(loadId)]];
}

/** Memory a sort or hash of a load may take before it spills: loads are few sessions with large sorts. */
export const workMem: Setting = ['work_mem', '64MB'];

/**
 * Makes the rest of a transaction read what a load reads.
 *
 * @param asOf ISO 8601, UTC.
 */
export async function applyWindow(trx: DatabaseTransaction, window: Window, asOf: string): Promise<void> {
  await applySettings(trx, readingSettings(window, asOf));
}
