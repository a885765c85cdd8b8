import { failedExpectation, suiteResult } from '../expectations/judge.ts';
import type { JsonObject } from '../expectations/json.ts';
import { checkParameters } from '../expectations/parameters.ts';
import { problemText } from '../expectations/problem.ts';
import { promiseResult } from '../expectations/promise-result.ts';
import type { PromiseResult } from '../expectations/promise-result.ts';
import { summary } from '../expectations/result-format.ts';
import { withShrinkLimit } from '../expectations/shrink-limit.ts';
import { decideVerdict } from '../expectations/verdict.ts';
import type { DecidedVerdict, Gate, Verdict, VerdictFacts } from '../expectations/verdict.ts';
import type { PublishedModel } from '../models/model.ts';
import { cancelWith } from './cancel-query.ts';
import type { Databases, DatabaseTransaction } from './databases.ts';
import { withGateContext } from './gate/batch-context.ts';
import { evaluateSuite } from './gate/evaluate.ts';
import type { Evaluation } from './gate/evaluate.ts';
import { CannotGate, uncheckedReason } from './gate/fault.ts';
import { figuresOf } from './gate/figures.ts';
import type { Figures } from './gate/figures.ts';
import { findGate } from './gate/find-gate.ts';
import type { GatePlace } from './gate/find-gate.ts';
import { failingQueries, gateMeta, uncheckedResult } from './gate/gate-result.ts';
import type { Judging } from './gate/gate-result.ts';
import { personalParameters, queriedParameters, readParameters } from './gate/parameter-values.ts';
import { personalColumns } from './gate/personal-columns.ts';
import { readBatch } from './gate/read-batch.ts';
import { readShrinkLimit } from './gate/read-shrink-limit.ts';
import { storeVerdict } from './gate/store-verdict.ts';
import { withHeartbeat } from './heartbeat.ts';
import { applySettings, loadSettings } from './load-window.ts';
import { endedBeforeReset, readLoad } from './load.ts';
import type { EndedLoad, LoadRow } from './load.ts';
import { withoutValues } from './postgres-error.ts';
import type { RepositoryFolders } from './repository.ts';
import type { RunRef } from './run-ref.ts';
import { openDrift } from './source-drift.ts';

export interface GateInput {
  readonly loadId: number;
  readonly model: string;
  readonly gate: Gate;
  /** The suite the run was planned with: what a verdict is about when the files cannot be read any more. */
  readonly suite: string;
  readonly run: RunRef;
  /** The verdict that holds the gate now, when it is looked at again. */
  readonly previous?: { readonly verdictId: string };
  /** What had changed, where the run looks again by itself: the batch may have grown by rows that keep every promise. */
  readonly because?: string;
}

/** A gate's verdict. */
export interface GateAnswer extends Verdict {
  /** The load had ended before this run was reset to its gate: nothing was asked, and the rest says nothing. */
  readonly ended?: EndedLoad;
}

export interface GateDeps {
  readonly databases: Databases;
  readonly folders: RepositoryFolders;
}

/**
 * Asks a gate's suite of what a load reads (`input`) or would publish (`output`), on the login that may only read, and
 * stores what it found.
 *
 * Bad data is a verdict and never an error. A gate that cannot be checked, for a reason that lies in the data or in a
 * file that was broken since, is a verdict too, `error`, and blocks. Only trouble of the infrastructure is thrown, and retried.
 */
export function createGate({ databases, folders }: GateDeps) {
  return {
    /** @throws ApplicationFailure `InvalidInput` (not retryable) when there is no such load. */
    gate: (input: GateInput): Promise<GateAnswer> =>
      withoutValues(`check the ${input.gate} gate of ${input.model}`, () =>
        withHeartbeat(async (signal) => {
          const load = await readLoad(databases.loader, input.loadId);
          const ended = endedBeforeReset(load, input.run);
          if (ended !== null) return unasked(input, load, ended);
          const place = await findGate(folders, input);
          const found =
            typeof place === 'string'
              ? unread(input, load, place)
              : await check(databases, place, load, input.gate, signal);
          // Another attempt looks meanwhile, and its verdict is the one that the run knows.
          signal.throwIfAborted();
          return storeVerdict(databases.loader, {
            ...found,
            suiteText: typeof place === 'string' ? '' : place.suite.text,
            attempt: load.attempt,
            run: input.run,
            previousVerdictId: input.previous?.verdictId ?? null,
            because: input.because ?? null,
          });
        }),
      ),
  };
}

/** Of a load that has ended there is nothing to let through or to hold: whoever opens the next one asks about that. */
function unasked({ model, gate, suite }: GateInput, { loadId, asOf }: LoadRow, ended: EndedLoad): GateAnswer {
  const facts: VerdictFacts = { model, gate, suite, loadId, asOf, rows: null, evaluated: 0 };
  return { ...decideVerdict(facts, [], null), verdictId: '', evaluationId: 0, incidentOpen: false, ended };
}

/** A verdict without its ids, the full result, and the parameters it was judged by. */
interface Found {
  readonly decided: DecidedVerdict;
  readonly result: JsonObject;
  readonly parameters: JsonObject;
  /** The SQL that lists failing rows. */
  readonly queries: JsonObject;
  /** Counts and shares that later evaluations learn from; none of a gate that could not be checked. */
  readonly figures: Figures;
  /** What became of each promise; none of a gate that could not be checked. */
  readonly promises: readonly PromiseResult[];
}

/** What there is of a gate that could not be checked: it holds, and says why. */
function unchecked(
  facts: VerdictFacts,
  judging: Judging,
  reason: string,
  parameters: JsonObject = {},
): Found {
  return {
    decided: decideVerdict(facts, [], reason),
    result: uncheckedResult(judging, facts.suite, reason),
    parameters,
    queries: {},
    figures: {},
    promises: [],
  };
}

function unread({ model, gate, suite }: GateInput, load: LoadRow, reason: string): Found {
  const { loadId, asOf } = load;
  const facts: VerdictFacts = { model, gate, suite, loadId, asOf, rows: null, evaluated: 0 };
  return unchecked(facts, { load, facts, suite: null }, reason);
}

async function check(
  databases: Databases,
  place: GatePlace,
  load: LoadRow,
  gate: Gate,
  signal: AbortSignal,
): Promise<Found> {
  const { model, suite } = place;
  const facts: VerdictFacts = {
    model: model.name,
    gate,
    suite: place.header.suite,
    loadId: load.loadId,
    asOf: load.asOf,
    rows: null,
    evaluated: 0,
  };
  // What a source does not bring any more no suite can see: a model that reads it waits at its first gate.
  const drift = gate === firstGate(model) ? await openDrift(databases.loader, model) : null;
  if (drift !== null) return unchecked(facts, { load, facts, suite }, drift);
  const known: { parameters: JsonObject } = { parameters: {} };
  try {
    return await evaluate(databases, place, load, { facts, known }, signal);
  } catch (error) {
    // What a cancelled query answers says nothing about the batch.
    signal.throwIfAborted();
    const reason = uncheckedReason(error);
    if (reason === null) throw error;
    return unchecked(facts, { load, facts, suite }, reason, known.parameters);
  }
}

async function evaluate(
  databases: Databases,
  place: GatePlace,
  load: LoadRow,
  { facts, known }: { readonly facts: VerdictFacts; readonly known: { parameters: JsonObject } },
  signal: AbortSignal,
): Promise<Found> {
  const { model, header, graph } = place;
  const unmet = checkParameters(place.suite, Object.keys(header.parameters));
  if (unmet.length > 0) throw new CannotGate(unmet.map(problemText).join(' '));
  const settings = loadSettings(load);
  // One snapshot for parameters, numbers and samples; read-only twice, by the login and by the transaction.
  const reading = databases.validator
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only');
  const look = async (trx: DatabaseTransaction): Promise<Found> => {
    await applySettings(trx, settings);
    const parameters = await readParameters(trx, header.parameters, graph);
    known.parameters = parameters; // Whoever looks again later compares with what was read, whatever comes of it.
    const limit = await readShrinkLimit(trx, model, facts.gate);
    const suite = limit === null ? place.suite : withShrinkLimit(place.suite, limit);
    const { batch: read, repeats } = await readBatch(trx, place, load, facts.gate);
    const judging = { suite, model, graph, gate: facts.gate, load };
    const batch = await withGateContext(trx, databases.loader, read, judging);
    const queried = queriedParameters(header.parameters);
    const personal = personalColumns(model, graph);
    const parametersOf = { queried, personal: personalParameters(header.parameters, graph) };
    const run = { values: parameters, ...parametersOf, asOf: load.asOf, format: summary };
    const began = performance.now();
    const beside = { pool: databases.validator, settings, signal };
    const found = await evaluateSuite(trx, suite, batch, run, beside);
    const milliseconds = Math.round(performance.now() - began);
    const { rows, judged } = found;
    const failed = judged.flatMap((one) => failedExpectation(one, personal, [suite.weir, header]) ?? []);
    const meta = gateMeta({ load, facts, suite }, batch.relation, { rows, repeats, milliseconds });
    return {
      decided: decideVerdict({ ...facts, rows, evaluated: judged.length }, failed, null),
      result: suiteResult(suite, judged, found, { parameters, meta }),
      parameters,
      queries: failingQueries(trx, judged, batch, load),
      ...pastOf(found, personal),
    };
  };
  return reading.execute((trx) => cancelWith(signal, databases.validator, trx, () => look(trx)));
}

/** What outlives the full result. */
function pastOf(
  { judged, rows }: Evaluation,
  personal: ReadonlySet<string>,
): Pick<Found, 'figures' | 'promises'> {
  return {
    figures: figuresOf(judged, rows),
    promises: judged.map((one) => promiseResult(one, personal)),
  };
}

function firstGate({ gates }: PublishedModel): Gate {
  return gates.input === null ? 'output' : 'input';
}
