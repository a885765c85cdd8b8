import { sql } from 'kysely';
import type { PublishedModel } from '../models/model.ts';
import { cancelWith } from './cancel-query.ts';
import { chooseWindow } from './choose-window.ts';
import type { Database, Databases, DatabaseTransaction } from './databases.ts';
import { isWindowEmpty } from './empty-window.ts';
import { newLoad } from './new-load.ts';
import type { OpenInput } from './open.ts';
import { toLoadRow } from './load.ts';
import type { LoadRow } from './load.ts';
import type { LoadedModel } from './published-model.ts';
import { publishOnce } from './publish.ts';
import { takeSnapshot } from './snapshot.ts';

/**
 * Ends an empty window by event time where nothing has to be loaded: its row in the ledger, and no lease, as it changes
 * neither target nor watermark. So the intervals of a backfill do not wait for each other, nor for a run that holds the
 * model.
 *
 * @returns null for any other window, and for one that has something to load.
 */
export async function endEmptyInterval(
  loader: Database,
  loaded: LoadedModel,
  input: OpenInput,
  signal: AbortSignal,
): Promise<LoadRow | null> {
  const { interval, rebuild, replay, replaces } = input;
  const usual = interval !== undefined && rebuild !== true && replay === undefined && replaces === undefined;
  if (!usual || loaded.model.shape.kind === 'whole') return null;
  const taken = await takeSnapshot(loader);
  const ending = async (trx: DatabaseTransaction): Promise<LoadRow | null> => {
    await oneAttemptAtATime(trx, input);
    const before = await findEnded(trx, input);
    if (before !== null) return before;
    const window = await chooseWindow(trx, loaded, input, taken);
    if (window.kind !== 'interval' || !(await isWindowEmpty(trx, loaded.model, window, input.asOf)))
      return null;
    const row = await trx
      .insertInto('control.load')
      .values({
        ...newLoad(loaded.model, input, window, taken),
        state: 'empty',
        is_empty: true,
        ...{ rows_inserted: 0, rows_updated: 0, rows_unchanged: 0, rows_deleted: 0 },
        published_at: sql`pg_catalog.clock_timestamp()`,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toLoadRow(row);
  };
  return await loader.transaction().execute((trx) => cancelWith(signal, loader, trx, () => ending(trx)));
}

/** A load as `open` has it in the end, and whether it has ended with that. */
export interface EndedOrNot {
  readonly load: LoadRow;
  readonly ended: boolean;
}

/** Ends an empty load by publish's own checks and transaction: watermark, ledger, lease. */
export async function endEmpty(
  databases: Databases,
  model: PublishedModel,
  load: LoadRow,
  signal: AbortSignal,
): Promise<EndedOrNot> {
  if (load.state === 'empty') return { load, ended: true };
  // One that was staged before it turned out to be empty has a stage's token: its publish knows it.
  if (!load.isEmpty || load.state !== 'open') return { load, ended: false };
  const order = { loadId: load.loadId, run: load.run, attempt: load.attempt };
  const { state } = await publishOnce(databases, model, order, signal);
  return { load, ended: state === 'empty' };
}

/** An attempt whose worker was only frozen waits for the one that took its place, and finds what that wrote. */
async function oneAttemptAtATime(trx: DatabaseTransaction, { model, run }: OpenInput): Promise<void> {
  const attempt = `open ${model} ${run.workflowId} ${run.runId}`;
  await sql`select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(${attempt}, 0))`.execute(trx);
}

/**
 * The empty load that an earlier attempt of this activity has ended; its answer was lost. A run opens a model once, but
 * for a load that takes another's place.
 */
export async function findEnded(
  db: Database,
  { model, run, replaces = 0 }: OpenInput,
): Promise<LoadRow | null> {
  const row = await db
    .selectFrom('control.load')
    .selectAll()
    .where('model', '=', model)
    .where('workflow_id', '=', run.workflowId)
    .where('run_id', '=', run.runId)
    .where('state', '=', 'empty')
    .where('load_id', '>', replaces)
    .orderBy('load_id', 'desc')
    .executeTakeFirst();
  return row === undefined ? null : toLoadRow(row);
}
