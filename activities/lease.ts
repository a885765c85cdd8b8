import type { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import type { InsertQueryBuilder, QueryCreator, Selectable, UpdateQueryBuilder } from 'kysely';
import type { ControlTables, Database, DatabaseTransaction, LeaseTable } from './databases.ts';
import type { AbandonedLoad } from './end-load.ts';
import { abandonLoads, dropCandidates } from './end-load.ts';
import {
  giveWay,
  heldLong,
  leaseBusy,
  leaseHeld,
  leaseYields,
  unwantLease,
  waitedEnough,
  wantLease,
} from './lease-turn.ts';
import { staleAttempt } from './load.ts';
import type { RunRef } from './run-ref.ts';

/** What a lease is asked for with. */
export interface LeaseRequest {
  readonly model: string;
  readonly run: RunRef;
  /** Whether a run still goes on in Temporal. */
  readonly isRunOpen: (run: RunRef) => Promise<boolean>;
  /** Whether no reset has put another run in its workflow's place. */
  readonly isCurrentRun: (run: RunRef) => Promise<boolean>;
  /** Whether a backfill asks: its intervals come after every other run that wants the model. */
  readonly yields?: boolean;
  /** Whether the run leaves the model to whoever holds it at a gate; left out, one that yields waits. */
  readonly leavesHeld?: boolean;
  /** Whether the run leaves the model to whoever loads it, after some tries. */
  readonly leavesBusy?: boolean;
}

/** The lease is ours, or a live run holds the model at a gate, or goes on loading it and is not waited for. */
export type LeaseAnswer =
  | { readonly state: 'taken' }
  | {
      readonly state: 'held';
      readonly by: RunRef;
      readonly since: string;
      readonly verdictId: string | null;
      /** It goes on loading it, at no gate. */
      readonly loading?: true;
    };

type LeaseRow = Selectable<LeaseTable>;

/**
 * Takes the lease of a model, so that its loads keep their order whoever triggers what. A lease is a run's, over resets:
 * another run of the same workflow is the same owner, unless it is one that a reset has replaced and that only wakes
 * now. What a run that has ended left open is abandoned, and what is held beyond its time is anybody's.
 *
 * A backfill's interval gives way to every other run that waits, also while it holds the model at a gate, and waits itself
 * where a model is held, since its rows are no other run's; one of the Schedules page leaves it, as the runs of its
 * schedule do.
 *
 * @throws ApplicationFailure `StaleAttempt` (not retryable) for a run that was reset; `LeaseBusy` (retryable, within
 *   half a second) while another live run loads the model. Whoever waits gives back its place in the worker: else as
 *   many waiting runs as a worker has places would keep out the one they wait for.
 */
export async function takeLease(db: Database, request: LeaseRequest): Promise<LeaseAnswer> {
  for (;;) {
    const { model, run, yields = false, leavesHeld = !yields, leavesBusy = false } = request;
    if (yields) await giveWay(db, model, run);
    if (await takeFree(db, request)) return { state: 'taken' };
    const owner = await db
      .selectFrom('control.lease')
      .selectAll()
      .select(heldLong.as('held_long'))
      .where('model', '=', model)
      .executeTakeFirst();
    if (owner === undefined) continue; // Freed between the two statements.
    if (owner.workflow_id === run.workflowId) {
      if (await carryOn(db, owner, request)) return { state: 'taken' };
      continue;
    }

    const by: RunRef = { workflowId: owner.workflow_id, runId: owner.run_id };
    if (owner.state === 'expired' || !(await request.isRunOpen(by))) {
      if (await takeOver(db, owner, request)) return { state: 'taken' };
    } else if (owner.state === 'held') {
      if (!leavesHeld) throw leaseHeld(model, by, owner.since);
      if (!yields && owner.yields && !(owner.held_long && waitedEnough({ held: true }))) {
        await wantLease(db, model, run);
        throw leaseYields(model, by);
      }
      await unwantLease(db, model, run);
      return { state: 'held', by, since: owner.since.toISOString(), verdictId: owner.verdict_id };
    } else {
      if (leavesBusy && waitedEnough({ held: false })) {
        await unwantLease(db, model, run);
        return { state: 'held', by, since: owner.since.toISOString(), verdictId: null, loading: true };
      }
      if (!yields) await wantLease(db, model, run);
      throw leaseBusy(model, by, yields);
    }
  }
}

/**
 * Lets a run go on with the lease of its own workflow. Which run of a workflow is the current one, only Temporal knows:
 * two run ids have no order.
 *
 * @returns false where another run was quicker.
 */
async function carryOn(
  db: Database,
  owner: LeaseRow,
  { model, run, isCurrentRun }: LeaseRequest,
): Promise<boolean> {
  if (owner.run_id === run.runId) return true;
  if (!(await isCurrentRun(run))) throw resetMeanwhile(model, run);
  const row = await db
    .updateTable('control.lease')
    .set({ run_id: run.runId })
    .where('model', '=', model)
    .where('workflow_id', '=', run.workflowId)
    .where('run_id', '=', owner.run_id)
    .returning('model')
    .executeTakeFirst();
  return row !== undefined;
}

function resetMeanwhile(model: string, { workflowId }: RunRef): ApplicationFailure {
  return staleAttempt(
    `${workflowId} was reset while this attempt at opening ${model} was under way: the run that goes on has its own.`,
  );
}

async function takeFree(db: Database, { model, run, yields = false }: LeaseRequest): Promise<boolean> {
  return await takeAndClear(db, model, run, (creator) =>
    creator
      .insertInto('control.lease')
      .values({
        model,
        workflow_id: run.workflowId,
        run_id: run.runId,
        load_id: null,
        state: 'running',
        verdict_id: null,
        yields,
      })
      .onConflict((conflict) => conflict.column('model').doNothing())
      .returning('model'),
  );
}

/** Takes the lease from a run that has ended, unless somebody was quicker. */
async function takeOver(
  db: Database,
  owner: LeaseRow,
  { run, yields = false }: LeaseRequest,
): Promise<boolean> {
  return await takeAndClear(db, owner.model, run, (creator) =>
    creator
      .updateTable('control.lease')
      .set({
        workflow_id: run.workflowId,
        run_id: run.runId,
        load_id: null,
        state: 'running',
        verdict_id: null,
        yields,
        since: sql`now()`,
      })
      .where('model', '=', owner.model)
      .where('workflow_id', '=', owner.workflow_id)
      .where('run_id', '=', owner.run_id)
      .where('state', '=', owner.state)
      .returning('model'),
  );
}

/** A statement that takes a lease where it may, and returns its model. */
type Take =
  | InsertQueryBuilder<ControlTables, 'control.lease', { model: string }>
  | UpdateQueryBuilder<ControlTables, 'control.lease', 'control.lease', { model: string }>;

/** Takes a lease, ends the wish for it in the same statement, and abandons what an earlier owner left open. */
async function takeAndClear(
  db: Database,
  model: string,
  { workflowId }: RunRef,
  take: (creator: QueryCreator<ControlTables>) => Take,
): Promise<boolean> {
  const { taken, abandoned } = await db.transaction().execute(async (trx) => {
    const row = await trx
      .with('taken', take)
      .with('wish', (creator) =>
        creator
          .deleteFrom('control.lease_wanted')
          .where('model', 'in', creator.selectFrom('taken').select('model'))
          .where((wish) =>
            wish.or([
              wish('workflow_id', '=', workflowId),
              wish('wanted_at', '<', sql<Date>`pg_catalog.now() - interval '1 hour'`),
            ]),
          ),
      )
      .selectFrom('taken')
      .select('model')
      .executeTakeFirst();
    const none: readonly AbandonedLoad[] = [];
    return row === undefined
      ? { taken: false, abandoned: none }
      : { taken: true, abandoned: await abandonLoads(trx, model) };
  });
  await dropCandidates(
    db,
    abandoned.map(({ candidate }) => candidate),
  );
  return taken;
}

/**
 * Locks the lease for the rest of the transaction. Always the first row a station locks, so that no two wait for each
 * other.
 *
 * @returns null where the model has no owner.
 */
export async function lockLease(trx: DatabaseTransaction, model: string): Promise<LeaseRow | null> {
  const row = await trx
    .selectFrom('control.lease')
    .selectAll()
    .where('model', '=', model)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Locks the lease, which must be this run's.
 *
 * @throws ApplicationFailure `StaleAttempt` (not retryable) when another run has taken it, or none has it.
 */
export async function lockOwnLease(trx: DatabaseTransaction, model: string, run: RunRef): Promise<LeaseRow> {
  const lease = await lockLease(trx, model);
  if (lease?.workflow_id === run.workflowId) return lease;
  const now = lease === null ? 'it was released' : `${lease.workflow_id} has it now`;
  throw staleAttempt(
    `Run ${run.workflowId} no longer has the lease of ${model}: ${now}. Its rows come with that run or the next one.`,
  );
}

/**
 * Locks the lease, which must be this very run's: whoever opens a load abandons what else is open of the model.
 *
 * @throws ApplicationFailure `StaleAttempt` (not retryable) when another workflow has taken it, or none has it;
 *   `LeaseBusy` (retryable) when another run of the same workflow has: which of the two goes on is asked again.
 */
export async function lockLeaseOfRun(trx: DatabaseTransaction, model: string, run: RunRef): Promise<void> {
  const lease = await lockOwnLease(trx, model, run);
  if (lease.run_id !== run.runId) throw leaseBusy(model, { workflowId: lease.workflow_id });
}
