import { sql } from 'kysely';
import type { Databases, DatabaseTransaction } from '../databases.ts';
import { abandonLoads, dropCandidates } from '../end-load.ts';
import { lockLease } from '../lease.ts';
import { wantedBy } from '../lease-turn.ts';
import { readLoad } from '../load.ts';
import type { RunRef } from '../run-ref.ts';

/** A hold of a run that gives way: a backfill's interval, or a slot that is loaded again. */
export interface YieldingHold {
  readonly model: string;
  readonly loadId: number;
  readonly run: RunRef;
}

/**
 * Gives a held model to the run that waits for it: a schedule's rows are not to wait behind a promise that a backfill
 * has broken. What was staged is given up; the batch is loaded again, and its gate asked again, when its turn comes.
 * A hold that somebody has decided about keeps its model (`decide`).
 *
 * @returns what happened, in words; null where nobody waits.
 */
export async function lookAtTurn({ loader }: Databases, hold: YieldingHold): Promise<string | null> {
  const { text, candidates } = await loader.transaction().execute((trx) => giveUp(trx, hold));
  await dropCandidates(loader, candidates);
  return text;
}

interface GivenUp {
  readonly text: string | null;
  readonly candidates: readonly (string | null)[];
}

const KEPT: GivenUp = { text: null, candidates: [] };

async function giveUp(trx: DatabaseTransaction, { model, loadId, run }: YieldingHold): Promise<GivenUp> {
  const lease = await lockLease(trx, model);
  const { state } = await readLoad(trx, loadId);
  // An attempt before this one has given it up, and nobody has heard of it.
  if (state === 'abandoned') return { text: given(model, lease?.workflow_id), candidates: [] };
  const held = lease?.workflow_id === run.workflowId && lease.run_id === run.runId && lease.state === 'held';
  const wanted = held && lease.load_id === loadId ? await wantedBy(trx, model) : null;
  if (wanted === null) return KEPT;
  const abandoned = await abandonLoads(trx, model, loadId);
  await trx
    .updateTable('control.load')
    .set({ gave_way_at: sql`pg_catalog.now()` })
    .where('load_id', '=', loadId)
    .execute();
  await trx.deleteFrom('control.lease').where('model', '=', model).execute();
  return { text: given(model, wanted), candidates: abandoned.map(({ candidate }) => candidate) };
}

function given(model: string, to = 'another run'): string {
  return `${model} was given to ${to}, which comes before a backfill`;
}
