import type { Databases, DatabaseTransaction } from './databases.ts';
import { lockLease } from './lease.ts';
import { readLoad } from './load.ts';
import { withoutValues } from './postgres-error.ts';
import type { RunRef } from './run-ref.ts';

/** A decision about a held gate, as it goes into the audit log. */
export interface DecideInput {
  readonly verdictId: string;
  readonly decision: 'retryGate' | 'reloadAndRetry' | 'overrideGate' | 'quarantineAndContinue' | 'abandon';
  readonly reason: string;
  readonly by: string;
  readonly model: string;
  readonly loadId: number;
  readonly run: RunRef;
  /** Whether the run's hold gives way to other runs: what is decided about ends that. */
  readonly yields?: boolean;
}

/**
 * `given`: another run had the model before; nothing is written, and the decision waits for the model's turn. To abandon
 * the batch it need not wait.
 */
export interface Decided {
  readonly given?: true;
}

/**
 * Writes a decision into the append-only audit log, before it acts. A retried attempt may write the same decision
 * twice in the rare case that a commit's answer was lost; the log then shows it twice and nothing else happens.
 */
export function createDecide({ databases }: { readonly databases: Databases }) {
  return {
    decide: (input: DecideInput): Promise<Decided> =>
      withoutValues(`decide about ${input.model}`, () =>
        databases.loader.transaction().execute(async (trx) => {
          const kept = input.yields !== true || (await keepModel(trx, input));
          if (!kept && input.decision !== 'abandon') return { given: true };
          await writeDecision(trx, input);
          return {};
        }),
      ),
  };
}

/** From here on the hold gives way to nobody; see `look/turn.ts`, which locks the lease as well. */
async function keepModel(trx: DatabaseTransaction, { model, loadId, run }: DecideInput): Promise<boolean> {
  await lockLease(trx, model);
  if ((await readLoad(trx, loadId)).state === 'abandoned') return false;
  await trx
    .updateTable('control.lease')
    .set({ state: 'running' })
    .where('model', '=', model)
    .where('workflow_id', '=', run.workflowId)
    .where('load_id', '=', loadId)
    .where('state', '=', 'held')
    .execute();
  return true;
}

async function writeDecision(
  trx: DatabaseTransaction,
  { verdictId, decision, reason, by, model, loadId, run }: DecideInput,
): Promise<void> {
  await trx
    .insertInto('control.decision')
    .values({
      verdict_id: verdictId,
      decision,
      reason,
      decided_by: by,
      model,
      load_id: loadId,
      workflow_id: run.workflowId,
      run_id: run.runId,
    })
    .execute();
}
