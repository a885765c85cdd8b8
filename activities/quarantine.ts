import type { Gate, QuarantineOrder } from '../expectations/verdict.ts';
import { cancelWith } from './cancel-query.ts';
import type { Databases, DatabaseTransaction } from './databases.ts';
import { findGate } from './gate/find-gate.ts';
import type { GatePlace } from './gate/find-gate.ts';
import { hashOf } from './gate/gate-result.ts';
import { withHeartbeat } from './heartbeat.ts';
import { lockOwnLease } from './lease.ts';
import { readLoad, staleAttempt } from './load.ts';
import type { LoadRow } from './load.ts';
import { withoutValues } from './postgres-error.ts';
import { planQuarantine } from './quarantine/plan-quarantine.ts';
import { setAside } from './quarantine/set-aside.ts';
import type { RepositoryFolders } from './repository.ts';
import type { RunRef } from './run-ref.ts';

export interface QuarantineInput {
  readonly loadId: number;
  readonly model: string;
  readonly gate: Gate;
  /** The evaluation whose failing rows go aside: the last one of its gate. */
  readonly verdictId: string;
  readonly evaluationId: number;
  /** The stage whose candidate an output gate has seen; at an input gate, before any stage, it says nothing. */
  readonly attempt: number;
  readonly order: QuarantineOrder;
  readonly run: RunRef;
}

export type Quarantined =
  /** `rows` are aside; the gate is to be asked of the rest. */
  | { readonly state: 'quarantined'; readonly rows: number }
  /** More than may go aside: `rows` of `of` break a promise. Nothing was moved. */
  | { readonly state: 'tooMany'; readonly rows: number; readonly of: number }
  /** What the verdict was about is not there any more, a sentence says why: the gate is to be asked again. */
  | { readonly state: 'changed'; readonly reason: string }
  /** A run that was reset to the gate of a load that has been published. */
  | { readonly state: 'published' };

export interface QuarantineDeps {
  readonly databases: Databases;
  readonly folders: RepositoryFolders;
}

type TooMany = Extract<Quarantined, { state: 'tooMany' }>;

/** Undoes what was moved. */
class MovedTooMany extends Error {
  readonly answer: TooMany;

  constructor(answer: TooMany) {
    super('more rows than may be set aside');
    this.answer = answer;
  }
}

/**
 * Sets the rows aside that a verdict found bad: by the same predicates, with the same parameters, in one transaction.
 * Calling it again after its answer was lost returns what was moved, and moves nothing.
 */
export function createQuarantine({ databases, folders }: QuarantineDeps) {
  return {
    /** @throws ApplicationFailure `StaleAttempt` (not retryable); nothing was moved then. */
    quarantine: (input: QuarantineInput): Promise<Quarantined> =>
      withoutValues(`quarantine rows of ${input.model}`, () =>
        withHeartbeat(async (signal) => {
          const { loader } = databases;
          const place = await findGate(folders, input);
          if (typeof place === 'string') return { state: 'changed', reason: place };
          try {
            return await loader
              .transaction()
              .execute((trx) => cancelWith(signal, loader, trx, () => quarantineIn(trx, place, input)));
          } catch (error) {
            if (error instanceof MovedTooMany) return error.answer;
            throw error;
          }
        }),
      ),
  };
}

/** The order of the locks is that of every station: lease, ledger. */
async function quarantineIn(
  trx: DatabaseTransaction,
  place: GatePlace,
  input: QuarantineInput,
): Promise<Quarantined> {
  const { model, gate, evaluationId, order, run } = input;
  const found = await readLoad(trx, input.loadId);
  if (found.state === 'published' || found.state === 'empty') return { state: 'published' };
  await lockOwnLease(trx, model, run);
  const load = await readLoad(trx, input.loadId, { lock: true });
  const before = await rowsSetAside(trx, input);
  if (before > 0) return { state: 'quarantined', rows: before };
  const suiteHash = await checkStanding(trx, load, input);
  const { suite } = place;
  if (suiteHash !== hashOf(suite.text))
    return { state: 'changed', reason: `${suite.file} changed since the gate was asked` };

  const planned = await planQuarantine(trx, place, load, input);
  if (typeof planned === 'string') return { state: 'changed', reason: planned };
  const { entries, batch } = planned;
  const note = { load, gate, suite: place.header.suite, verdictId: input.verdictId, evaluationId, run };
  const { rows, broken } = await setAside(trx, entries, batch, note);
  if (order.share !== null && broken > 0 && broken / planned.rows > order.share)
    throw new MovedTooMany({ state: 'tooMany', rows: broken, of: planned.rows });
  await noteInLedger(trx, load, gate, rows);
  return { state: 'quarantined', rows };
}

async function rowsSetAside(
  trx: DatabaseTransaction,
  { loadId, gate, evaluationId }: QuarantineInput,
): Promise<number> {
  const { rows } = await trx
    .selectFrom('control.batch_quarantine')
    .select((select) => select.fn.countAll<number>().as('rows'))
    .where('load_id', '=', loadId)
    .where('gate', '=', gate)
    .where('evaluation_id', '=', evaluationId)
    .executeTakeFirstOrThrow();
  return rows;
}

/**
 * Whether the verdict is the last word on what the load has now.
 *
 * @returns hash of the suite that it was asked with.
 */
async function checkStanding(
  trx: DatabaseTransaction,
  load: LoadRow,
  { gate, evaluationId, attempt }: QuarantineInput,
): Promise<string> {
  const what = `Quarantine by evaluation ${evaluationId} of load ${load.loadId} of ${load.model} was refused`;
  if (load.state === 'abandoned')
    throw staleAttempt(`${what}: the load was abandoned, and its rows come with a later one.`);
  if (gate === 'output' && load.attempt !== attempt)
    throw staleAttempt(`${what}: stage attempt ${load.attempt} has taken the place of ${attempt}.`);
  const last = await trx
    .selectFrom('control.gate_run')
    .select(['evaluation_id', 'suite_hash'])
    .where('load_id', '=', load.loadId)
    .where('gate', '=', gate)
    .orderBy('evaluation_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last?.evaluation_id !== evaluationId)
    throw staleAttempt(`${what}: evaluation ${last?.evaluation_id ?? 'none'} has taken its place.`);
  return last.suite_hash;
}

/** `rows_staged` follows the candidate, which publish counts again. */
async function noteInLedger(
  trx: DatabaseTransaction,
  { loadId }: LoadRow,
  gate: Gate,
  rows: number,
): Promise<void> {
  await trx
    .updateTable('control.load')
    .set((column) => ({ rows_quarantined: column('rows_quarantined', '+', rows) }))
    .$if(gate === 'output', (query) =>
      query.set((column) => ({ rows_staged: column('rows_staged', '-', rows) })),
    )
    .where('load_id', '=', loadId)
    .execute();
}
