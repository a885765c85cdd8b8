import { sql } from 'kysely';
import type { Databases } from './databases.ts';
import { lockOwnLease } from './lease.ts';
import { readLoad } from './load.ts';
import { withoutValues } from './postgres-error.ts';
import type { RunRef } from './run-ref.ts';

export interface HoldInput {
  readonly loadId: number;
  readonly model: string;
  readonly verdictId: string;
  readonly run: RunRef;
  /** When the hold began, ISO 8601: one that was looked at again by itself goes on. Left out by earlier versions. */
  readonly since?: string;
}

export type Held =
  /** `since`: ISO 8601; a later verdict of the same hold keeps it. */
  | { readonly state: 'held'; readonly since: string }
  /** A run that was reset to the gate of a load that has been published: there is nothing left to hold. */
  | { readonly state: 'published' };

/** Marks a model as held at a gate: other runs leave it instead of waiting for it, or are given it where its run gives way. */
export function createHold({ databases }: { readonly databases: Databases }) {
  return {
    /** @throws ApplicationFailure `StaleAttempt` (not retryable) when the lease is no longer this run's. */
    hold: ({ loadId, model, verdictId, run, since }: HoldInput): Promise<Held> =>
      withoutValues(`hold ${model}`, () =>
        databases.loader.transaction().execute(async (trx): Promise<Held> => {
          const load = await readLoad(trx, loadId);
          if (load.state === 'published' || load.state === 'empty') return { state: 'published' };
          const lease = await lockOwnLease(trx, model, run);
          const held = await trx
            .updateTable('control.lease')
            .set({
              state: 'held',
              verdict_id: verdictId,
              load_id: loadId,
              run_id: run.runId,
              held_at: sql`now()`,
            })
            .$if(lease.state === 'running', (query) => query.set({ since: since ?? sql`now()` }))
            .where('model', '=', model)
            .returning('since')
            .executeTakeFirstOrThrow();
          return { state: 'held', since: held.since.toISOString() };
        }),
      ),
  };
}
