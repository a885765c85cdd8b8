import type { Databases, DatabaseTransaction } from './databases.ts';
import type { AbandonedLoad } from './end-load.ts';
import { abandonLoads, dropCandidates } from './end-load.ts';
import { lockLease } from './lease.ts';
import { withoutValues } from './postgres-error.ts';
import type { RunRef } from './run-ref.ts';

export interface ReleaseInput {
  readonly model: string;
  readonly run: RunRef;
  /** Only this load; whatever the run has open of the model when left out. */
  readonly loadId?: number;
  /** `expired`: the load stays as it is, for a run that is reset, and whoever comes first may take the lease. */
  readonly outcome: 'abandoned' | 'expired';
}

export interface ReleaseDeps {
  readonly databases: Databases;
  /** Whether no reset has put another run in its workflow's place; left out, every run is its workflow's only one. */
  readonly isCurrentRun?: (run: RunRef) => Promise<boolean>;
}

/**
 * Gives a model's load up and its lease back, or only lets go of it: a hold that has expired is in nobody's way. The
 * watermark has not moved, so the next run meets the rows again. What was published stays published, and what another
 * run has is left alone, one of the same workflow too: an attempt that wakes late after a reset gives nothing back.
 */
export function createRelease({ databases, isCurrentRun = async () => true }: ReleaseDeps) {
  return {
    release: (input: ReleaseInput): Promise<Record<string, never>> =>
      withoutValues(`release ${input.model}`, async () => {
        if (!(await isCurrentRun(input.run))) return {};
        const abandoned = await databases.loader.transaction().execute((trx) => release(trx, input));
        await dropCandidates(
          databases.loader,
          abandoned.map(({ candidate }) => candidate),
        );
        return {};
      }),
  };
}

async function release(
  trx: DatabaseTransaction,
  { model, run, loadId, outcome }: ReleaseInput,
): Promise<readonly AbandonedLoad[]> {
  const lease = await lockLease(trx, model);
  await stayAway(trx, model, run);
  if (lease?.workflow_id !== run.workflowId) return []; // Taking the lease over has abandoned this run's loads already.
  if (outcome === 'expired') {
    await trx
      .updateTable('control.lease')
      .set({ state: 'expired' })
      .where('model', '=', model)
      .where('state', '=', 'held')
      .where('run_id', '=', run.runId) // A run that was reset may hold it again.
      .execute();
    return [];
  }
  const abandoned = await abandonLoads(trx, model, loadId);
  await trx
    .deleteFrom('control.lease')
    .where('model', '=', model)
    .where('workflow_id', '=', run.workflowId)
    .execute();
  return abandoned;
}

/** What it gave to other runs it does not come back to: the next load that passes answers for it. */
async function stayAway(trx: DatabaseTransaction, model: string, { workflowId }: RunRef): Promise<void> {
  await trx
    .updateTable('control.load')
    .set({ gave_way_at: null })
    .where('model', '=', model)
    .where('workflow_id', '=', workflowId)
    .where('gave_way_at', 'is not', null)
    .execute();
}
