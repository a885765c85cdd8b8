import { isObject } from '../../expectations/json.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { checkParameters } from '../../expectations/parameters.ts';
import { cancelWith } from '../cancel-query.ts';
import type { Databases } from '../databases.ts';
import { CannotGate } from '../gate/fault.ts';
import type { GatePlace } from '../gate/find-gate.ts';
import { hashOf } from '../gate/gate-result.ts';
import { queriedParameters, readParameters } from '../gate/parameter-values.ts';
import { applySettings, loadSettings } from '../load-window.ts';
import type { LoadRow } from '../load.ts';
import { openDrift } from '../source-drift.ts';

/** What a look at a gate's parameters is about. */
export interface ParameterLook {
  readonly gate: string;
  readonly evaluationId: number;
  readonly signal: AbortSignal;
}

/**
 * Compares the suite and the parameters of a gate with those that its verdict was found by.
 *
 * @returns what has changed, in names; null where nothing has, or where the gate could not be asked now either.
 */
export async function lookAtParameters(
  databases: Databases,
  place: GatePlace,
  load: LoadRow,
  { evaluationId, signal }: ParameterLook,
): Promise<string | null> {
  const { header, suite, model } = place;
  const stored = await storedWith(databases, evaluationId);
  if (stored === null) return null;
  // While a source has drifted, no suite and no parameter is asked.
  if ((await openDrift(databases.loader, model)) !== null) return null;
  if (stored.suiteHash !== hashOf(suite.text)) return `suite ${header.suite} changed`;
  if (stored.parameters === null || checkParameters(suite, Object.keys(header.parameters)).length > 0)
    return null;
  const now = await readNow(databases, place, load, signal);
  if (now === null) return null;
  const none = Object.keys(stored.parameters).length === 0;
  if (none && Object.keys(now).length > 0) return 'its parameters can be read now';
  const changed = changedNames(stored.parameters, now, queriedParameters(header.parameters));
  if (changed.length === 0) return null;
  return `parameter${changed.length === 1 ? '' : 's'} ${changed.join(', ')} changed`;
}

interface StoredWith {
  readonly suiteHash: string;
  /** Null where the full result has expired. */
  readonly parameters: JsonObject | null;
}

async function storedWith({ loader }: Databases, evaluationId: number): Promise<StoredWith | null> {
  const row = await loader
    .selectFrom('control.gate_run as run')
    .leftJoin('control.gate_result as full', 'full.evaluation_id', 'run.evaluation_id')
    .select(['run.suite_hash', 'full.parameters'])
    .where('run.evaluation_id', '=', evaluationId)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { suiteHash: row.suite_hash, parameters: isObject(row.parameters) ? row.parameters : null };
}

/** @returns null where a query cannot be answered: the gate would say so, and has perhaps. */
async function readNow(
  { validator }: Databases,
  { header, graph }: GatePlace,
  load: LoadRow,
  signal: AbortSignal,
): Promise<JsonObject | null> {
  const reading = validator
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute((trx) =>
      cancelWith(signal, validator, trx, async () => {
        await applySettings(trx, loadSettings(load));
        return readParameters(trx, header.parameters, graph);
      }),
    );
  return reading.catch((error: unknown) => {
    if (error instanceof CannotGate) return null;
    throw error;
  });
}

function changedNames(before: JsonObject, now: JsonObject, queried: ReadonlySet<string>): readonly string[] {
  const text = (values: JsonObject, name: string): string => {
    const value = values[name];
    // A query without an order gives its rows in any.
    if (queried.has(name) && Array.isArray(value))
      return JSON.stringify(value.map((one) => JSON.stringify(one)).toSorted());
    return JSON.stringify(value);
  };
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => text(before, name) !== text(now, name)).toSorted();
}
