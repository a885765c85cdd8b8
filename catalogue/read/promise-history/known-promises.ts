import { sql } from 'kysely';
import type { Gate } from '../../../expectations/verdict.ts';
import type { Site } from '../../site.ts';
import type { PromiseHistory, PromisesOf } from '../promise-history.ts';

/** What a promise is, and where its results begin and end. */
export interface KnownPromise extends Omit<
  PromiseHistory,
  'latest' | 'strip' | 'series' | 'evaluations' | 'broken'
> {
  /** Of its first evaluation of all, and of its last. */
  readonly began: number;
  readonly ended: number;
}

/** Promises that one gate asks together: their results lie beside each other and are read at once. */
export interface GatePromises {
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  readonly promises: readonly KnownPromise[];
}

/** Reads promises by gate and place. */
export async function readKnownPromises(
  { database }: Site,
  of: PromisesOf,
): Promise<readonly KnownPromise[]> {
  const asked =
    'suite' in of ? sql`p.suite = ${of.suite}` : sql`p.model = ${of.model} and p.gate = ${of.gate}`;
  const { rows } = await sql<KnownPromise>`
    select p.promise_id as "promiseId", p.key, p.place, p.type, p.column_name as column, p.unit, p.model, p.gate, p.suite,
      coalesce(own.began, 0) as began, coalesce(own.ended, 0) as ended,
      coalesce(last_run.suite = p.suite and last_run.evaluation_id = own.ended, false) as current
    from control.promise as p
    cross join lateral (
      select min(r.evaluation_id) as began, max(r.evaluation_id) as ended
      from control.promise_result as r where r.promise_id = p.promise_id
    ) as own
    left join lateral (
      select g.suite, g.evaluation_id from control.gate_run as g
      where g.model = p.model and g.gate = p.gate and g.outcome <> 'error'
      order by g.evaluation_id desc limit 1
    ) as last_run on true
    where ${asked}
    order by p.model, p.gate, p.suite, p.place, p.promise_id`.execute(database);
  return rows;
}

/** The same, by gate. */
export function byGate(promises: readonly KnownPromise[]): readonly GatePromises[] {
  const gates = new Map<string, GatePromises & { readonly promises: KnownPromise[] }>();
  for (const promise of promises) {
    const { model, gate, suite } = promise;
    const name = JSON.stringify([model, gate, suite]);
    const found = gates.get(name) ?? { model, gate, suite, promises: [] };
    gates.set(name, found);
    found.promises.push(promise);
  }
  return [...gates.values()];
}
