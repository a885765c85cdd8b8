import { sql } from 'kysely';
import type { Site } from '../../site.ts';
import type { PromiseMoment } from '../promise-history.ts';
import type { GatePromises, KnownPromise } from './known-promises.ts';

/** How many evaluations of a gate a strip shows: two days and a half of an hourly one. */
const STRIP_LENGTH = 60;

interface Run extends Pick<PromiseMoment, 'evaluationId' | 'verdictId' | 'at'> {
  /** The gate could not be checked as a whole, and asked no promise. */
  readonly unchecked: boolean;
}

type Result = Omit<PromiseMoment, 'verdictId'> & { readonly promiseId: number };

const NOTHING = {
  outcome: 'errored',
  severity: null,
  unexpected: null,
  elements: null,
  observed: null,
  lower: null,
  upper: null,
} as const;

/**
 * Reads the last evaluations of a gate as each of its promises took them, oldest first. A gate that could not be checked
 * as a whole asked none: in every promise that it has, it is errored.
 */
export async function readStrips(
  site: Site,
  gate: GatePromises,
): Promise<ReadonlyMap<number, readonly PromiseMoment[]>> {
  const runs = await readRuns(site, gate);
  const results = await readResults(site, gate, runs[0]?.evaluationId ?? 0);
  const strips = gate.promises.map((promise) => {
    const own = results.get(promise.promiseId);
    const moments = runs.flatMap(({ unchecked, ...run }): readonly PromiseMoment[] => {
      const result = own?.get(run.evaluationId);
      if (result !== undefined) return [{ ...result, verdictId: run.verdictId }];
      return unchecked && isInLife(promise, run) ? [{ ...run, ...NOTHING }] : [];
    });
    return [promise.promiseId, moments] as const;
  });
  return new Map(strips);
}

/** A gate that could not be checked is nothing of a promise that had not been made yet, or is made no more. */
function isInLife(
  { began, ended, current }: KnownPromise,
  { evaluationId }: Pick<Run, 'evaluationId'>,
): boolean {
  return evaluationId >= began && (current || evaluationId <= ended);
}

async function readRuns({ database }: Site, { model, gate, suite }: GatePromises): Promise<readonly Run[]> {
  const { rows } = await sql<Run>`
    select evaluation_id as "evaluationId", verdict_id as "verdictId", evaluated_at as at, outcome = 'error' as unchecked
    from (
      select * from control.gate_run as g where g.model = ${model} and g.gate = ${gate}
      order by g.evaluation_id desc limit ${STRIP_LENGTH}
    ) as last
    -- Outside: inside, a gate of one suite looks to the planner as if few of its evaluations were of that one.
    where suite = ${suite}
    order by last.evaluation_id desc`.execute(database);
  return rows.toReversed();
}

/** By promise and evaluation. */
async function readResults(
  { database }: Site,
  { promises }: GatePromises,
  from: number,
): Promise<ReadonlyMap<number, ReadonlyMap<number, Omit<PromiseMoment, 'verdictId'>>>> {
  const { rows } = await sql<Result>`
    select promise_id as "promiseId", evaluation_id as "evaluationId", evaluated_at as at, outcome, severity, unexpected,
      elements, observed, lower, upper
    from control.promise_result
    where promise_id = any (${promises.map(({ promiseId }) => promiseId)}::int[]) and evaluation_id >= ${from}`.execute(
    database,
  );
  const results = new Map<number, Map<number, Omit<PromiseMoment, 'verdictId'>>>();
  for (const { promiseId, ...result } of rows) {
    const own = results.get(promiseId) ?? new Map<number, Omit<PromiseMoment, 'verdictId'>>();
    results.set(promiseId, own.set(result.evaluationId, result));
  }
  return results;
}
