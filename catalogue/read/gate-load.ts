import type { Database, LoadState } from '../../activities/databases.ts';
import { windowWords } from './window-words.ts';

/** What the ledger says of the load that a gate judged. */
export interface GateLoad {
  readonly loadId: number;
  readonly pipeline: string;
  readonly state: LoadState;
  /** What it read, in words: `by arrival: what was new in raw_transactions`. */
  readonly window: string;
  /** The hour that a load by arrival was scheduled for. */
  readonly slotEnd: Date | null;
  readonly openedAt: Date;
  readonly publishedAt: Date | null;
  readonly read: number | null;
  readonly staged: number | null;
  readonly setAside: number;
  readonly inserted: number | null;
  readonly updated: number | null;
  readonly deleted: number | null;
}

/** The last load of a model that was published before another. */
export interface LastGood {
  readonly loadId: number;
  readonly asOf: Date;
  readonly publishedAt: Date;
  readonly workflowId: string;
  readonly runId: string;
}

/** One load as people read it; null where there is none. */
export async function readGateLoad(db: Database, loadId: number | null): Promise<GateLoad | null> {
  if (loadId === null) return null;
  const row = await db
    .selectFrom('control.load')
    .select(['load_id as loadId', 'pipeline', 'state', 'read_window', 'slot_end as slotEnd'])
    .select(['opened_at as openedAt', 'published_at as publishedAt', 'rows_read as read'])
    .select(['rows_staged as staged', 'rows_quarantined as setAside', 'rows_inserted as inserted'])
    .select(['rows_updated as updated', 'rows_deleted as deleted'])
    .where('load_id', '=', loadId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { read_window: window, ...load } = row;
  return { ...load, window: windowWords(window) };
}

/** The last load before it that readers saw; of no load the last of all. */
export async function readLastGood(
  db: Database,
  model: string,
  before: number | null,
): Promise<LastGood | null> {
  const row = await db
    .selectFrom('control.load')
    .select(['load_id as loadId', 'as_of as asOf', 'published_at as publishedAt'])
    .select(['workflow_id as workflowId', 'run_id as runId'])
    .where('model', '=', model)
    .where('state', '=', 'published')
    .$if(before !== null, (query) => query.where('load_id', '<', before))
    .orderBy('load_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row?.publishedAt) return null;
  return { ...row, publishedAt: row.publishedAt };
}
