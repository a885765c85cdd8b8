import { cancelWith } from './cancel-query.ts';
import type { Databases, DatabaseTransaction } from './databases.ts';
import { withHeartbeat } from './heartbeat.ts';
import { lockLease } from './lease.ts';
import type { LoadRow } from './load.ts';
import { endedBeforeReset, readLoad, staleAttempt } from './load.ts';
import { moveWatermarks, noteEmpty, notePublished } from './move-watermark.ts';
import { invalidModel } from './target.ts';
import { postgresFault, withoutValues } from './postgres-error.ts';
import { readPublishedModel } from './published-model.ts';
import type { PublishedModel } from '../models/model.ts';
import { targetChanged } from './publish-checks.ts';
import { requireVerdicts } from './publish-gates.ts';
import type { RepositoryFolders } from './repository.ts';
import type { RunRef } from './run-ref.ts';
import { checkOrigin, takeSnapshot } from './snapshot.ts';
import { ensureTargetPartitions } from './target-partitions.ts';
import { writeCandidate } from './write-candidate.ts';

export interface PublishInput {
  readonly loadId: number;
  readonly run: RunRef;
  /** The stage whose candidate the gate has seen; 0 for an empty window, which is not staged. */
  readonly attempt: number;
  /** The verdict that somebody has answered for by name and reason. */
  readonly override?: { readonly verdictId: string };
  /** For the worker's log; what is published stands in the ledger. */
  readonly model?: string;
}

export type Published =
  /** Counts are rows. `quarantined` are those of the window that are kept aside: left out by the SELECT, or by a gate. */
  | {
      readonly state: 'published' | 'empty';
      readonly inserted: number;
      readonly updated: number;
      readonly unchanged: number;
      readonly deleted: number;
      readonly quarantined: number;
    }
  /** The target or the candidate is not what the gate saw: stage and gate again. */
  | { readonly state: 'stale'; readonly reason: string };

export interface PublishDeps {
  readonly databases: Databases;
  readonly folders: RepositoryFolders;
}

/**
 * Merges a candidate into its target, moves the watermark, ends the load in the ledger and gives the lease back, all
 * in one transaction. What its gates have not let through it refuses, whoever asks.
 *
 * Calling it again after the answer to its COMMIT was lost returns what the ledger says.
 */
export function createPublish({ databases, folders }: PublishDeps) {
  return {
    /**
     * @throws ApplicationFailure `StaleAttempt`, `WatermarkForeign` or `InvalidModel` (none retryable); nothing was
     *   published then.
     */
    publish: (input: PublishInput): Promise<Published> =>
      withoutValues(`publish load ${input.loadId}`, () =>
        withHeartbeat(async (signal) => {
          const load = await readLoad(databases.publisher, input.loadId);
          const before = ended(load);
          if (before !== null) return before;
          checkOrigin(
            `the window of load ${load.loadId} of ${load.model}`,
            load,
            await takeSnapshot(databases.publisher),
          );
          const { model } = await readPublishedModel(folders, load.model);
          await makePartitions(databases, model, load, signal);
          return publishOnce(databases, model, input, signal);
        }),
      ),
  };
}

/** In a transaction of its own, because it shuts readers of the default partition out. */
async function makePartitions(
  { publisher }: Databases,
  model: PublishedModel,
  { candidate }: LoadRow,
  signal: AbortSignal,
): Promise<void> {
  if (model.partitioning === null || candidate === null) return;
  await publisher
    .transaction()
    .execute((trx) =>
      cancelWith(signal, publisher, trx, () => ensureTargetPartitions(trx, model, candidate)),
    );
}

/**
 * Publishes by one transaction. Open ends an empty window by it too.
 *
 * @throws ApplicationFailure as `publish` does; nothing was published then.
 */
export async function publishOnce(
  { publisher }: Databases,
  model: PublishedModel,
  input: PublishInput,
  signal: AbortSignal,
): Promise<Published> {
  try {
    return await publisher
      .transaction()
      .execute((trx) => cancelWith(signal, publisher, trx, () => publishIn(trx, model, input)));
  } catch (error) {
    throw explainDuplicate(error, model) ?? error;
  }
}

/** Unique violation, and MERGE meeting a target row twice. */
const duplicateKey = ['23505', '21000'];

/** A candidate with a key twice fits no target: retrying does not help. */
function explainDuplicate(error: unknown, model: PublishedModel): Error | null {
  const fault = postgresFault(error);
  if (fault === null || !duplicateKey.includes(fault.sqlstate)) return null;
  return invalidModel(
    `${model.file} makes two rows of one key (${model.uniqueKey.join(', ')}), which ${model.relation} cannot hold: ` +
      `SQLSTATE ${fault.sqlstate}. Mend the SELECT, or let the output gate's suite expect the key to be unique, so that it holds.`,
  );
}

/** The order of the locks is that of every station: lease, ledger, target, watermarks. */
async function publishIn(
  trx: DatabaseTransaction,
  model: PublishedModel,
  input: PublishInput,
): Promise<Published> {
  const lease = await lockLease(trx, model.name);
  const load = await readLoad(trx, input.loadId, { lock: true });
  const before = ended(load);
  if (before !== null) return before; // Another attempt was quicker, or its answer was lost.
  if (endedBeforeReset(load, input.run) === 'abandoned')
    return { state: 'stale', reason: 'it was abandoned before this run was reset' };
  checkAttempt(load, input, lease?.workflow_id ?? null);

  const changed = await targetChanged(trx, model, load);
  if (changed !== null) return { state: 'stale', reason: changed };
  await requireVerdicts(trx, model, load, input.override !== undefined);
  await moveWatermarks(trx, load);
  if (load.isEmpty) {
    await noteEmpty(trx, model, load);
    return { state: 'empty', ...nothing, quarantined: quarantined(load) };
  }
  const counts = await writeCandidate(trx, model, load);
  await notePublished(trx, model, load, counts, input.override?.verdictId ?? null);
  return { state: 'published', ...counts, quarantined: quarantined(load) };
}

function quarantined({ rowsLeftOut, rowsQuarantined }: LoadRow): number {
  return (rowsLeftOut ?? 0) + rowsQuarantined;
}

const nothing = { inserted: 0, updated: 0, unchanged: 0, deleted: 0 };

/** What the ledger says of a load that has been published; null for one that has not. */
function ended(load: LoadRow): Published | null {
  const { state } = load;
  if (state !== 'published' && state !== 'empty') return null;
  return {
    state,
    inserted: load.rowsInserted ?? 0,
    updated: load.rowsUpdated ?? 0,
    unchanged: load.rowsUnchanged ?? 0,
    deleted: load.rowsDeleted ?? 0,
    quarantined: quarantined(load),
  };
}

function checkAttempt(load: LoadRow, { attempt, run }: PublishInput, owner: string | null): void {
  const what = `Publishing load ${load.loadId} of ${load.model} was refused`;
  if (load.state === 'abandoned')
    throw staleAttempt(`${what}: it was abandoned, and its rows come with a later load.`);
  if (owner !== run.workflowId)
    throw staleAttempt(`${what}: ${owner ?? 'nobody'} has the model's lease, not ${run.workflowId}.`);
  if (load.attempt !== attempt) {
    throw staleAttempt(
      `${what}: the gate saw stage attempt ${attempt}, and attempt ${load.attempt} has taken its place.`,
    );
  }
  if (load.state === 'open' && !load.isEmpty) throw staleAttempt(`${what}: it was not staged.`);
}
