import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import { attemptNumber } from './attempt-number.ts';
import type { Database } from './databases.ts';
import type { RunRef } from './run-ref.ts';

/** A run that waits asks again within half a second, so a wish that is older is of one that has ended. */
const FRESH_SECONDS = 5;

/** Milliseconds between two tries, at random within: two that wait for the same do not come in step. */
const WAIT_MS = { least: 200, most: 500 };

/** The longest a backfill's interval waits between two tries: of many that wait, one comes soon enough. */
const YIELDING_MOST_MS = 2_000;

/**
 * Tries after which a run that need not wait leaves a model to whoever loads it: some five seconds, in which a load that
 * is nearly done ends, and a backfill gives way.
 */
const TRIES = 15;

/** … and where the model is held by a run that gives way, which looks every three seconds who waits: some 15 s. */
const HELD_TRIES = 40;

/** The tries of a run that has waited for the load too are spent when the hold begins. */
const HELD_SECONDS = 15;

/** Whether a run that leaves a busy model has asked for it often enough. */
export function waitedEnough({ held }: { readonly held: boolean }): boolean {
  return (attemptNumber() ?? 1) >= (held ? HELD_TRIES : TRIES);
}

/** SQL: whether a lease that gives way is held for so long that whoever waits should have been given it. */
export const heldLong = sql<boolean>`
  (held_at is null or held_at < pg_catalog.now() - make_interval(secs => ${HELD_SECONDS}))`;

/** A hold is ended by a person: nobody decides within a second. */
const HELD_WAIT_MS = 5_000;

/** Notes that a run waits for a model's lease, so that no backfill takes it before. */
export async function wantLease(db: Database, model: string, { workflowId }: RunRef): Promise<void> {
  await db
    .insertInto('control.lease_wanted')
    .values({ model, workflow_id: workflowId })
    .onConflict((row) =>
      row.columns(['model', 'workflow_id']).doUpdateSet({ wanted_at: sql`pg_catalog.now()` }),
    )
    .execute();
}

/** Takes back what {@link wantLease} noted: the run leaves the model, and nobody is to give it way. */
export async function unwantLease(db: Database, model: string, { workflowId }: RunRef): Promise<void> {
  await db
    .deleteFrom('control.lease_wanted')
    .where('model', '=', model)
    .where('workflow_id', '=', workflowId)
    .execute();
}

/**
 * Gives way to whoever waits for the model and is of no backfill. Whoever has the model already does not: the one that
 * waits would wait for it, and it for the one that waits.
 *
 * @throws ApplicationFailure `LeaseBusy` (retryable) while somebody does.
 */
export async function giveWay(db: Database, model: string, { workflowId }: RunRef): Promise<void> {
  const wanted = await wishes(db, model)
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('control.lease as own')
            .select('own.model')
            .where('own.model', '=', model)
            .where('own.workflow_id', '=', workflowId),
        ),
      ),
    )
    .executeTakeFirst();
  if (wanted !== undefined)
    throw busy(
      `${model} is wanted by ${wanted.workflow_id}: a backfill's interval comes after it.`,
      yieldingWaitMs(),
    );
}

/** The run of no backfill that has waited longest for a model: its workflow id; null where none waits. */
export async function wantedBy(db: Database, model: string): Promise<string | null> {
  return (await wishes(db, model).executeTakeFirst())?.workflow_id ?? null;
}

function wishes(db: Database, model: string) {
  return db
    .selectFrom('control.lease_wanted as wanted')
    .select('wanted.workflow_id')
    .where('wanted.model', '=', model)
    .where('wanted.wanted_at', '>', sql<Date>`pg_catalog.now() - make_interval(secs => ${FRESH_SECONDS})`)
    .orderBy('wanted.wanted_at');
}

/** A lease that another live run loads under. @param yields whether a backfill's interval asks. */
export function leaseBusy(
  model: string,
  { workflowId }: { readonly workflowId: string },
  yields = false,
): ApplicationFailure {
  return busy(
    `${model} is being loaded by ${workflowId}: this run's turn comes after it.`,
    yields ? yieldingWaitMs() : between(WAIT_MS.least, WAIT_MS.most),
  );
}

/** A lease that another live run holds at a gate, as a backfill's interval meets it: nobody else takes its rows. */
export function leaseHeld(model: string, { workflowId }: RunRef, since: Date): ApplicationFailure {
  return busy(
    `${model} is held at a gate by ${workflowId} since ${since.toISOString()}: this interval waits until somebody decides.`,
    between(HELD_WAIT_MS / 2, HELD_WAIT_MS),
  );
}

/** A lease that is held at a gate by a run that gives way: it looks every few seconds who waits. */
export function leaseYields(model: string, { workflowId }: RunRef): ApplicationFailure {
  return busy(
    `${model} is held at a gate by ${workflowId}, which gives way to this run.`,
    between(WAIT_MS.least, WAIT_MS.most),
  );
}

function busy(message: string, waitMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'LeaseBusy',
    message,
    nextRetryDelay: Math.round(waitMs),
    category: 'BENIGN', // Nothing to warn of in the worker's log.
  });
}

/** Longer with each try: twenty intervals that wait for one lease would keep the database busy with asking. */
function yieldingWaitMs(): number {
  const longest = Math.min(YIELDING_MOST_MS, WAIT_MS.most * 1.4 ** ((attemptNumber() ?? 1) - 1));
  return between(longest / 2, longest);
}

function between(least: number, most: number): number {
  return least + Math.random() * (most - least);
}
