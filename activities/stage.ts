import { sql } from 'kysely';
import type { PublishedModel } from '../models/model.ts';
import { isRebuild } from '../models/window.ts';
import { cancelWith } from './cancel-query.ts';
import { checkHistory } from './check-history.ts';
import type { Database, Databases, DatabaseTransaction } from './databases.ts';
import { dropCandidates } from './end-load.ts';
import { anyRetraction } from './empty-window.ts';
import { fillCandidate } from './fill-candidate.ts';
import type { Filled } from './fill-candidate.ts';
import { withHeartbeat } from './heartbeat.ts';
import { applySettings, loadSettings, workMem } from './load-window.ts';
import type { EndedLoad, LoadRow } from './load.ts';
import { endedBeforeReset, readLoad, staleAttempt, toLoadRow } from './load.ts';
import { postgresFault, withoutValues } from './postgres-error.ts';
import { readPublishedModel } from './published-model.ts';
import type { RepositoryFolders } from './repository.ts';
import type { RunRef } from './run-ref.ts';
import { openDrift } from './source-drift.ts';
import { fitColumns, readTarget } from './target.ts';

export interface StageInput {
  readonly loadId: number;
  readonly run: RunRef;
  /** For the worker's log; what is staged stands in the ledger. */
  readonly model?: string;
}

/** What a load staged, in rows. */
export interface Staged {
  /** Token of this stage: publish refuses any other. */
  readonly attempt: number;
  /** Rows of the deltas in the window. */
  readonly rowsRead: number;
  /** Rows of the candidate. */
  readonly staged: number;
  /** Rows that a later row of the same key in the window replaced. */
  readonly superseded: number;
  /** Rows that the SELECT left out; they are in `control.quarantine`. */
  readonly leftOut: number;
  /** Keys that a touched model recomputed. */
  readonly keysTouched: number;
  /** Nothing to gate: publish moves the watermark only. */
  readonly empty: boolean;
  /** The load had ended before this run was reset to its stage: nothing was done. */
  readonly ended?: EndedLoad;
}

export interface StageDeps {
  readonly databases: Databases;
  readonly folders: RepositoryFolders;
}

/**
 * Runs a model's SELECT over its load's window, into a candidate that no reader sees.
 *
 * Each attempt takes the next token and builds a candidate of its own: one that was given up and wakes late finishes
 * nothing.
 */
export function createStage({ databases, folders }: StageDeps) {
  return {
    /** @throws ApplicationFailure `StaleAttempt` or `InvalidModel` (neither retryable). */
    stage: (input: StageInput): Promise<Staged> =>
      withoutValues(`stage load ${input.loadId}`, () =>
        withHeartbeat(async (signal) => {
          const before = await readLoad(databases.loader, input.loadId);
          const ended = endedBeforeReset(before, input.run);
          if (ended !== null) return unstaged(before, ended);
          const { model } = await readPublishedModel(folders, before.model);
          const load = await takeAttempt(databases.loader, input);
          const staged = await stageFenced(databases.loader, model, load, signal);
          // As it was when this attempt took the load: the one before may have staged after it was read first.
          await dropCandidates(databases.loader, [load.candidate]);
          return staged;
        }),
      ),
  };
}

function unstaged({ attempt, rowsStaged }: LoadRow, ended: EndedLoad): Staged {
  const nothing = { rowsRead: 0, superseded: 0, leftOut: 0, keysTouched: 0 };
  return { attempt, ...nothing, staged: rowsStaged ?? 0, empty: false, ended };
}

/** From here on no earlier attempt at this load can finish. */
async function takeAttempt(db: Database, { loadId, run }: StageInput): Promise<LoadRow> {
  const row = await db
    .updateTable('control.load')
    .set((column) => ({ attempt: column('attempt', '+', 1) }))
    .where('load_id', '=', loadId)
    .where('workflow_id', '=', run.workflowId)
    .where('state', 'in', ['open', 'staged'])
    .returningAll()
    .executeTakeFirst();
  if (row !== undefined) return toLoadRow(row);
  const now = await readLoad(db, loadId);
  throw staleAttempt(
    `Load ${loadId} of ${now.model} cannot be staged by ${run.workflowId}: it is ${now.state} and of ${now.run.workflowId}.`,
  );
}

const serializationFailure = '40001';

/** Stages; a conflict over the ledger's row means that another attempt has taken the load. */
async function stageFenced(
  db: Database,
  model: PublishedModel,
  load: LoadRow,
  signal: AbortSignal,
): Promise<Staged> {
  try {
    return await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute((trx) => cancelWith(signal, db, trx, () => stageIn(trx, model, load)));
  } catch (error) {
    if (postgresFault(error)?.sqlstate !== serializationFailure) throw error;
    const now = await readLoad(db, load.loadId);
    if (now.attempt === load.attempt && now.state !== 'abandoned') throw error;
    throw staleStage(load);
  }
}

function staleStage({ loadId, model, attempt }: LoadRow): Error {
  return staleAttempt(
    `Stage attempt ${attempt} of load ${loadId} of ${model} woke after another had taken its place.`,
  );
}

async function stageIn(trx: DatabaseTransaction, model: PublishedModel, load: LoadRow): Promise<Staged> {
  await applySettings(trx, [...loadSettings(load), workMem]);
  const target = await readTarget(trx, model);
  const candidate = candidateName(load);
  const filled = await fillCandidate(trx, model, load, candidate);
  await fitColumns(trx, model, target.columns, candidate);
  if (model.kind === 'history') {
    const columns = target.columns.map(({ name }) => name);
    const names = { model, candidate, loadId: load.loadId, quarantined: false, columns };
    await checkHistory(trx, { model, asOf: load.asOf }, names);
  }
  await sql`grant select on ${sql.id('candidate', candidate)} to weir_validator, weir_publisher`.execute(trx);

  const makesAnew = model.shape.kind === 'whole' || isRebuild(load.window);
  const nothing = !makesAnew && filled.rowsRead + filled.staged + filled.keysTouched === 0;
  const empty =
    nothing && !(await anyRetraction(trx, model, load.window)) && (await openDrift(trx, model)) === null;
  const facts = {
    candidate,
    empty,
    targetPublishes: target.publishes,
    columnsHash: target.columnsHash,
    sqlHash: model.sqlHash,
  };
  await noteStaged(trx, load, filled, facts);
  return { attempt: load.attempt, ...filled, empty };
}

const longestName = 63;

/** `<model>_<load>_<attempt>`, cut to what Postgres keeps of a name. */
function candidateName({ model, loadId, attempt }: LoadRow): string {
  const end = `_${loadId}_${attempt}`;
  return `${model.slice(0, longestName - end.length)}${end}`;
}

interface StagedFacts {
  readonly candidate: string;
  readonly empty: boolean;
  readonly targetPublishes: number;
  readonly columnsHash: string;
  readonly sqlHash: string;
}

async function noteStaged(
  trx: DatabaseTransaction,
  load: LoadRow,
  filled: Filled,
  facts: StagedFacts,
): Promise<void> {
  const setAside = await dropEarlierQuarantine(trx, load);
  const row = await trx
    .updateTable('control.load')
    .set({
      state: 'staged',
      candidate: facts.candidate,
      is_empty: facts.empty,
      target_publishes: facts.targetPublishes,
      columns_hash: facts.columnsHash,
      sql_hash: facts.sqlHash,
      rows_read: filled.rowsRead,
      rows_staged: filled.staged,
      rows_superseded: filled.superseded,
      rows_left_out: filled.leftOut,
      keys_touched: filled.keysTouched,
      rows_quarantined: setAside,
      staged_at: sql`pg_catalog.clock_timestamp()`,
    })
    .where('load_id', '=', load.loadId)
    .where('attempt', '=', load.attempt)
    .where('state', 'in', ['open', 'staged'])
    .returning('load_id')
    .executeTakeFirst();
  if (row === undefined) throw staleStage(load);
}

/**
 * What an earlier candidate of this load had set aside is in this one again; what the input gate set aside is not.
 *
 * @returns rows that stay aside.
 */
async function dropEarlierQuarantine(
  trx: DatabaseTransaction,
  { loadId, rowsQuarantined }: LoadRow,
): Promise<number> {
  if (rowsQuarantined === 0) return 0;
  await trx
    .deleteFrom('control.batch_quarantine')
    .where('load_id', '=', loadId)
    .where('gate', '=', 'output')
    .execute();
  const { rows } = await trx
    .selectFrom('control.batch_quarantine')
    .select((select) => select.fn.countAll<number>().as('rows'))
    .where('load_id', '=', loadId)
    .executeTakeFirstOrThrow();
  return rows;
}
