import { sql } from 'kysely';
import type { Databases } from './databases.ts';
import { lockOwnLease } from './lease.ts';
import { withoutValues } from './postgres-error.ts';
import type { RunRef } from './run-ref.ts';

export interface HoldInput {
  readonly loadId: number;
  readonly model: string;
  readonly verdictId: string;
  readonly run: RunRef;
}

/** Marks a model as held at a gate: other runs leave it instead of waiting for it. */
export function createHold({ databases }: { readonly databases: Databases }) {
  return {
    /**
     * @returns since when the model has been held, ISO 8601; a later verdict of the same hold keeps it.
     * @throws ApplicationFailure `StaleAttempt` (not retryable) when the lease is no longer this run's.
     */
    hold: ({ loadId, model, verdictId, run }: HoldInput): Promise<{ since: string }> =>
      withoutValues(`hold ${model}`, () =>
        databases.loader.transaction().execute(async (trx) => {
          const lease = await lockOwnLease(trx, model, run);
          const held = await trx
            .updateTable('control.lease')
            .set({ state: 'held', verdict_id: verdictId, load_id: loadId, run_id: run.runId })
            .$if(lease.state === 'running', (query) => query.set({ since: sql`now()` }))
            .where('model', '=', model)
            .returning('since')
            .executeTakeFirstOrThrow();
          return { since: held.since.toISOString() };
        }),
      ),
  };
}
