import { sql } from 'kysely';
import { chooseWindow } from './choose-window.ts';
import type { WindowRequest } from './choose-window.ts';
import { cancelWith } from './cancel-query.ts';
import type { Database, Databases, DatabaseTransaction } from './databases.ts';
import { endEmpty, endEmptyInterval, findEnded } from './end-empty.ts';
import type { EndedOrNot } from './end-empty.ts';
import { abandonLoads, dropCandidates } from './end-load.ts';
import { withHeartbeat } from './heartbeat.ts';
import { lockLeaseOfRun, takeLease } from './lease.ts';
import { isWindowEmpty } from './empty-window.ts';
import type { LoadRow } from './load.ts';
import { toLoadRow } from './load.ts';
import { readPublishedModel } from './published-model.ts';
import type { LoadedModel } from './published-model.ts';
import { withoutValues } from './postgres-error.ts';
import { newLoad } from './new-load.ts';
import type { RepositoryFolders } from './repository.ts';
import type { RunRef } from './run-ref.ts';
import type { TakenSnapshot } from './snapshot.ts';
import { takeSnapshot } from './snapshot.ts';
import { windowRemarks } from './window-remarks.ts';

export interface OpenInput extends WindowRequest {
  readonly model: string;
  readonly pipeline: string;
  /** ISO 8601, UTC. */
  readonly asOf: string;
  /** The end of the slot that a schedule started the run for; noted for loads by arrival. */
  readonly slotEnd?: string;
  readonly run: RunRef;
  /** Whether the run is an interval of a backfill, which every other run that wants the model comes before. */
  readonly yields?: boolean;
  /** Of one that yields: whether it leaves a model that is held, rather than wait until somebody has decided. */
  readonly leavesHeld?: boolean;
  /** Whether it leaves the model after some tries where another run goes on loading it, rather than wait for its turn. */
  readonly leavesBusy?: boolean;
  /** The load of this run that the new one takes the place of: same watermark, new snapshot. */
  readonly replaces?: number;
}

export type Opened =
  | {
      readonly state: 'open';
      readonly loadId: number;
      readonly empty: boolean;
      /** An empty load that has ended with this: there is nothing to publish. */
      readonly ended?: boolean;
      /** What is worth knowing of the window, in words and counts. */
      readonly remarks?: readonly string[];
    }
  /** Another run holds the model at a gate: leave it and what depends on it. */
  | {
      readonly state: 'held';
      readonly by: RunRef;
      readonly since: string;
      readonly verdictId: string | null;
      /** It is not held but goes on being loaded, and the run does not wait for its turn. */
      readonly loading?: true;
    };

export interface OpenDeps {
  readonly databases: Databases;
  readonly folders: RepositoryFolders;
  readonly isRunOpen: (run: RunRef) => Promise<boolean>;
  /** Whether no reset has put another run in its workflow's place; left out, every run is its workflow's only one. */
  readonly isCurrentRun?: (run: RunRef) => Promise<boolean>;
}

/**
 * The first station of a model: takes its lease and fixes its window in the ledger.
 *
 * A retried attempt gets the load that the first one opened. A window is never changed after it was written: a reload
 * opens another load. An empty window ends here, by publish's own transaction where it moves a watermark.
 */
export function createOpen(deps: OpenDeps) {
  return {
    /**
     * @throws ApplicationFailure `WatermarkForeign`, `InvalidModel`, `InvalidInput`, `StaleAttempt` (none retryable);
     *   `LeaseBusy` (retryable) while another live run loads the model.
     */
    open: (input: OpenInput): Promise<Opened> =>
      withoutValues(`open ${input.model}`, () => withHeartbeat((signal) => open(deps, input, signal))),
  };
}

async function open(deps: OpenDeps, input: OpenInput, signal: AbortSignal): Promise<Opened> {
  const { loader } = deps.databases;
  const loaded = await readPublishedModel(deps.folders, input.model);
  const { model, run } = input;
  const ended = (await findEnded(loader, input)) ?? (await endEmptyInterval(loader, loaded, input, signal));
  if (ended !== null) return answer(loader, loaded, input, { load: ended, ended: true });
  const { isRunOpen, isCurrentRun = async () => true } = deps;
  const { yields = false, leavesHeld = !yields, leavesBusy = false } = input;
  const turn = { yields, leavesHeld, leavesBusy };
  const lease = await takeLease(loader, { model, run, isRunOpen, isCurrentRun, ...turn });
  if (lease.state === 'held') return lease;
  const load = await openLoad(loader, loaded, input, signal);
  return answer(loader, loaded, input, await endEmpty(deps.databases, loaded.model, load, signal));
}

async function answer(
  loader: Database,
  loaded: LoadedModel,
  input: OpenInput,
  { load, ended }: EndedOrNot,
): Promise<Opened> {
  const remarks = await windowRemarks(loader, loaded, load, input);
  return {
    state: 'open',
    loadId: load.loadId,
    empty: load.isEmpty,
    ...(ended ? { ended } : {}),
    ...(remarks.length === 0 ? {} : { remarks }),
  };
}

async function openLoad(
  loader: Database,
  loaded: LoadedModel,
  input: OpenInput,
  signal: AbortSignal,
): Promise<LoadRow> {
  const taken = await takeSnapshot(loader); // Before the transaction that writes: one's own rows would count as seen.
  const opening = async (trx: DatabaseTransaction) => {
    await lockLeaseOfRun(trx, input.model, input.run);
    const own = await findOpenLoad(trx, input);
    if (own !== null) return { load: own, left: [] };
    const ended = await findEnded(trx, input);
    if (ended !== null) {
      await giveBack(trx, input);
      return { load: ended, left: [] };
    }
    const abandoned = await abandonLoads(trx, input.model);
    return { load: await insertLoad(trx, loaded, input, taken), left: abandoned };
  };
  const { load, left } = await loader
    .transaction()
    .execute((trx) => cancelWith(signal, loader, trx, () => opening(trx)));
  await dropCandidates(
    loader,
    left.map(({ candidate }) => candidate),
  );
  return load;
}

/** Without this an attempt that wakes late would open a window that ends before the watermark. */
async function giveBack(trx: DatabaseTransaction, { model, run }: OpenInput): Promise<void> {
  await trx
    .deleteFrom('control.lease')
    .where('model', '=', model)
    .where('workflow_id', '=', run.workflowId)
    .where('load_id', 'is', null)
    .execute();
}

/** The load that an earlier attempt of this activity has opened. */
async function findOpenLoad(
  trx: DatabaseTransaction,
  { model, run, replaces }: OpenInput,
): Promise<LoadRow | null> {
  let query = trx
    .selectFrom('control.load')
    .selectAll()
    .where('model', '=', model)
    .where('workflow_id', '=', run.workflowId)
    .where('run_id', '=', run.runId)
    .where('state', 'in', ['open', 'staged']);
  if (replaces !== undefined) query = query.where('load_id', '>', replaces);
  const row = await query.orderBy('load_id', 'desc').executeTakeFirst();
  return row === undefined ? null : toLoadRow(row);
}

async function insertLoad(
  trx: DatabaseTransaction,
  loaded: LoadedModel,
  input: OpenInput,
  taken: TakenSnapshot,
): Promise<LoadRow> {
  const { model } = loaded;
  const window = await chooseWindow(trx, loaded, input, taken);
  const row = await trx
    .insertInto('control.load')
    .values({
      ...newLoad(model, input, window, taken),
      state: 'open',
      is_empty: await isWindowEmpty(trx, model, window, input.asOf),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await trx
    .updateTable('control.lease')
    .set({
      load_id: row.load_id,
      run_id: input.run.runId,
      state: 'running',
      verdict_id: null,
      since: sql`pg_catalog.now()`,
    })
    .where('model', '=', model.name)
    .execute();
  return toLoadRow(row);
}
