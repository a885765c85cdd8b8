import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { isObject } from '../../expectations/json.ts';
import type { JsonObject } from '../../expectations/json.ts';
import type { PromiseResult } from '../../expectations/promise-result.ts';
import { verdictSignature } from '../../expectations/verdict.ts';
import type { DecidedVerdict, Verdict } from '../../expectations/verdict.ts';
import type { Database } from '../databases.ts';
import { answersFor } from '../page/answers-for.ts';
import type { RunRef } from '../run-ref.ts';
import { writeFigures } from './figures.ts';
import type { Figures } from './figures.ts';
import { hashOf } from './gate-result.ts';
import { storable } from '../storable.ts';
import { writePromises } from './write-promises.ts';

/** What is stored beside the verdict. */
export interface Stored {
  readonly decided: DecidedVerdict;
  /** Great Expectations' result JSON, values included. */
  readonly result: JsonObject;
  readonly parameters: JsonObject;
  /** The SQL that lists failing rows, values included. */
  readonly queries: JsonObject;
  readonly figures: Figures;
  /** What became of each promise; none where the gate could not be checked. */
  readonly promises: readonly PromiseResult[];
  readonly suiteText: string;
  /** Of the stage whose candidate was looked at; at an input gate of the last one before. */
  readonly attempt: number;
  readonly run: RunRef;
  /** The verdict of the evaluation before, if the gate is being looked at again. */
  readonly previousVerdictId: string | null;
  /** What had changed when the gate was looked at again without anybody's word. */
  readonly because?: string | null;
}

/**
 * Stores an evaluation: the verdict for everybody, the full result where few may read it.
 *
 * A recheck that ends as the one before, of the same gate, keeps its verdict id: whoever is deciding about it is not
 * made to start again. Where nobody asked for it, rows that keep every promise may have come beside: what an override
 * would let through in spite of its suite is the same.
 */
export async function storeVerdict(loader: Database, stored: Stored): Promise<Verdict> {
  const signatures = { signature: verdictSignature(stored.decided), broken: brokenSignature(stored) };
  return loader.transaction().execute(async (trx) => {
    const verdictId = (await keptVerdictId(trx, stored, signatures)) ?? randomUUID();
    const { decided, run } = stored;
    const { evaluation_id: evaluationId } = await trx
      .insertInto('control.gate_run')
      .values({
        verdict_id: verdictId,
        load_id: decided.loadId,
        model: decided.model,
        gate: decided.gate,
        suite: decided.suite,
        suite_hash: hashOf(stored.suiteText),
        outcome: decided.outcome,
        rows_checked: decided.rows,
        expectations_evaluated: decided.evaluated,
        expectations_failed: decided.failed.length,
        blocks: decided.blocks,
        attempt: stored.attempt,
        looked_because: stored.because ?? null,
        broken: brokenPromises(decided),
        reason: decided.reason === null ? null : storable(decided.reason),
        as_of: decided.asOf,
        workflow_id: run.workflowId,
        run_id: run.runId,
      })
      .returning('evaluation_id')
      .executeTakeFirstOrThrow();
    await trx
      .insertInto('control.gate_result')
      .values({
        evaluation_id: evaluationId,
        result: jsonbText(withSignatures(stored.result, signatures)),
        parameters: jsonbText(stored.parameters),
        queries: jsonbText(stored.queries),
      })
      .execute();
    await removeExpired(trx);
    await writePast(trx, stored, evaluationId);
    const incidentOpen = await isIncidentToResolve(trx, decided);
    const warning = decided.outcome === 'warn' ? { warnsAnew: await warnsAnew(trx, decided) } : {};
    return { ...decided, verdictId, evaluationId, incidentOpen, ...warning };
  });
}

/**
 * JSON as `jsonb` takes it: what a suite may hold and Postgres's text cannot, NUL and half a pair of surrogates, is
 * replaced. A gate is not left without a verdict for a note in its suite.
 *
 * @see https://www.postgresql.org/docs/18/datatype-json.html
 */
function jsonbText(json: JsonObject): string {
  return JSON.stringify(json).replaceAll(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape, what: string) =>
    what.length > 1 ? '\\ufffd' : escape,
  );
}

/** What outlives the full result. */
async function writePast(trx: Database, stored: Stored, evaluationId: number): Promise<void> {
  const { decided, figures, promises } = stored;
  await writeFigures(trx, { ...decided, evaluationId, figures });
  await writePromises(trx, { ...decided, evaluationId, promises });
}

/** How many expired results go with each that is stored: more than come, so that none stays. */
const REMOVED_AT_ONCE = 20;

/** Values are not kept longer than was said. Who stores at the same time takes others. */
async function removeExpired(trx: Database): Promise<void> {
  await trx
    .deleteFrom('control.gate_result')
    .where('evaluation_id', 'in', (expired) =>
      expired
        .selectFrom('control.gate_result')
        .select('evaluation_id')
        .where('expires_at', '<', sql<Date>`pg_catalog.now()`)
        .orderBy('expires_at')
        .limit(REMOVED_AT_ONCE)
        .forUpdate()
        .skipLocked(),
    )
    .execute();
}

/** Whether the gate has an open incident that a pass of this load ends, or a failure of which it answers for. */
async function isIncidentToResolve(db: Database, { model, suite, loadId }: DecidedVerdict): Promise<boolean> {
  const { rows } = await sql<{ open: boolean }>`
    select exists (
      select from control.incident as incident
      join control.load as passed on passed.load_id = ${loadId}
      -- Of what an earlier version opened no failure may be known.
      left join control.incident_failure as told on told.dedup_key = incident.dedup_key and told.cleared_at is null
      left join control.load as failed on failed.load_id = told.load_id
      where incident.model = ${model} and incident.suite = ${suite}
        and incident.state = 'open' and incident.good_at is null and ${answersFor}
    ) as open`.execute(db);
  return rows[0]?.open === true;
}

/** Promises that did not hold, each in the words of the suite: by these a warning is another than the one before. */
function brokenPromises({ failed }: DecidedVerdict): readonly string[] {
  return failed
    .map(({ severity, expected, column }) => storable(`${severity} ${column ?? ''}: ${expected}`))
    .toSorted();
}

/** Whether on-call has not heard of these warnings: the gate found others, or none, in the load before. */
async function warnsAnew(db: Database, decided: DecidedVerdict): Promise<boolean> {
  const { model, gate, suite, loadId } = decided;
  const before = await db
    .selectFrom('control.gate_run')
    .select('broken')
    .where('model', '=', model)
    .where('gate', '=', gate)
    .where('suite', '=', suite)
    .where('load_id', '<>', loadId)
    .orderBy('evaluation_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return JSON.stringify(before?.broken ?? []) !== JSON.stringify(brokenPromises(decided));
}

/** What is the same of two verdicts that end the same way; `broken` leaves out how many rows keep their promises. */
interface Signatures {
  readonly signature: string;
  readonly broken: string;
}

/** Which promises broke, by how many rows and by which, as far as the result shows them. */
function brokenSignature({ decided, result }: Stored): string {
  const { outcome, reason, failed } = decided;
  const parts = failed.map(({ index, type, column, errored, observed, unexpectedCount, onFailure }) => {
    const whole = unexpectedCount === null ? observed : null;
    return JSON.stringify([
      type,
      column,
      errored,
      whole,
      unexpectedCount,
      onFailure,
      shownRows(result, index),
    ]);
  });
  return hashOf(JSON.stringify([outcome, reason, [...parts].sort()]));
}

function shownRows(result: JsonObject, index: number): readonly string[] {
  const results = result['results'];
  const one = Array.isArray(results) ? results[index] : undefined;
  const found = isObject(one) && isObject(one['result']) ? one['result'] : {};
  const shown = found['partial_unexpected_list'];
  return Array.isArray(shown) ? shown.map((value) => JSON.stringify(value)).toSorted() : [];
}

async function keptVerdictId(
  db: Database,
  stored: Stored,
  { signature, broken }: Signatures,
): Promise<string | null> {
  if (stored.previousVerdictId === null) return null;
  const row = await db
    .selectFrom('control.gate_run as run')
    .innerJoin('control.gate_result as full', 'full.evaluation_id', 'run.evaluation_id')
    .select(['run.verdict_id', 'full.result'])
    .where('run.verdict_id', '=', stored.previousVerdictId)
    .where('run.model', '=', stored.decided.model)
    .where('run.gate', '=', stored.decided.gate)
    .where('run.suite', '=', stored.decided.suite)
    // After a reset a decision about what was found before is not to fit what is found now.
    .where('run.run_id', '=', stored.run.runId)
    .orderBy('run.evaluation_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  const before = signaturesOf(row.result);
  const same =
    before['signature'] === signature || (typeof stored.because === 'string' && before['broken'] === broken);
  return same ? row.verdict_id : null;
}

/** Great Expectations leaves `meta` to whoever writes it. */
function withSignatures(result: JsonObject, signatures: Signatures): JsonObject {
  const meta = isObject(result['meta']) ? result['meta'] : {};
  const weir = isObject(meta['weir']) ? meta['weir'] : {};
  return { ...result, meta: { ...meta, weir: { ...weir, ...signatures } } };
}

function signaturesOf(result: unknown): JsonObject {
  const meta = isObject(result) ? result['meta'] : null;
  const weir = isObject(meta) ? meta['weir'] : null;
  return isObject(weir) ? weir : {};
}
