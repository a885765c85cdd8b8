import type { Selectable } from 'kysely';
import type { Database, LeaseTable } from '../databases.ts';
import { abandonLoads, dropCandidates } from '../end-load.ts';
import { lockLease } from '../lease.ts';
import type { Chore } from './chore.ts';
import { readRunState } from './run-state.ts';

/**
 * Gives back the leases of runs that have ended without doing so themselves, terminated ones for example, and abandons
 * what they left open: the watermark stays, so the next load meets their rows. A run whose hold expired keeps its lease,
 * so that a reset can go on, until another run takes it.
 */
export const freeLeases: Chore = async ({ databases: { loader }, client, dryRun, signal }) => {
  const [done, left]: [string[], string[]] = [[], []];
  for (const lease of await loader.selectFrom('control.lease').selectAll().orderBy('model').execute()) {
    signal.throwIfAborted();
    const { model, workflow_id: workflowId, state } = lease;
    const run = await readRunState(client, { workflowId });
    if (run === 'open') continue;
    if (run === 'failed' && state !== 'running') {
      left.push(`${model}: ${workflowId} may be reset, its hold has expired`);
    } else if (dryRun) {
      done.push(`${model}: would free the lease of ${workflowId}, which has ended`);
    } else if (await free(loader, lease)) {
      done.push(`${model}: freed the lease of ${workflowId}, which has ended`);
    }
  }
  return { done, left, warnings: [] };
};

/** @returns false where another run has taken the lease meanwhile. */
async function free(loader: Database, owner: Selectable<LeaseTable>): Promise<boolean> {
  const abandoned = await loader.transaction().execute(async (trx) => {
    const lease = await lockLease(trx, owner.model);
    if (lease?.workflow_id !== owner.workflow_id || lease.run_id !== owner.run_id) return null;
    const loads = await abandonLoads(trx, owner.model);
    await trx.deleteFrom('control.lease').where('model', '=', owner.model).execute();
    return loads;
  });
  if (abandoned === null) return false;
  await dropCandidates(
    loader,
    abandoned.map(({ candidate }) => candidate),
  );
  return true;
}
