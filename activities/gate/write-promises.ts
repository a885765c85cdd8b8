import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { PromiseResult } from '../../expectations/promise-result.ts';
import type { Gate } from '../../expectations/verdict.ts';
import type { Database } from '../databases.ts';
import { promiseColumns, promiseKeys } from './promise-keys.ts';

/**
 * Keeps what became of each promise, in the transaction that stores the verdict and in one statement. A gate that could
 * not be checked as a whole asked no promise: its own row says so.
 *
 * A promise is written only when it is new, or stands elsewhere in the suite than it did: no row of it is locked for long,
 * and no number of its sequence is spent on one that is known.
 */
export async function writePromises(
  trx: Database,
  of: {
    readonly evaluationId: number;
    readonly model: string;
    readonly gate: Gate;
    readonly suite: string;
    /** In the suite's order. */
    readonly promises: readonly PromiseResult[];
  },
): Promise<void> {
  const { promises } = of;
  if (promises.length === 0) return;
  await sql`
    with asked as (
      ${askedOf(promises)}
    ), known as (
      select p.promise_id, p.key, p.place, p.unit from control.promise as p
      where p.model = ${of.model} and p.gate = ${of.gate} and p.suite = ${of.suite}
    ), written as (
      insert into control.promise as p (model, gate, suite, key, place, type, column_name, unit)
      select ${of.model}, ${of.gate}, ${of.suite}, a.key, a.place, a.type, a.column_name, a.unit
      from asked as a left join known as k on k.key = a.key
      where k.key is null or k.place <> a.place or a.unit is not null and k.unit is distinct from a.unit
      order by a.key  -- Two that write at once wait for each other, and do not lock each other out.
      on conflict (model, gate, suite, key) do update
        set place = excluded.place, unit = coalesce(excluded.unit, p.unit)
      returning p.promise_id, p.key
    )
    insert into control.promise_result
      (evaluation_id, promise_id, outcome, severity, unexpected, elements, observed, lower, upper)
    select ${of.evaluationId}::bigint, named.promise_id, a.outcome, a.severity, a.unexpected, a.elements, a.observed,
      a.lower, a.upper
    from asked as a
    join (select promise_id, key from written union select promise_id, key from known) as named on named.key = a.key`.execute(
    trx,
  );
}

/** The promises as rows. */
function askedOf(promises: readonly PromiseResult[]): RawBuilder<unknown> {
  const expectations = promises.map(({ expectation }) => expectation);
  const column = (name: Exclude<keyof PromiseResult, 'expectation'>) => promises.map((one) => one[name]);
  return sql`
    select * from unnest(
        ${promiseKeys(expectations)}::text[],
        ${expectations.map(({ index }) => index)}::int[],
        ${expectations.map(({ kind }) => kind.type)}::text[],
        ${expectations.map(promiseColumns)}::text[],
        ${column('unit')}::text[],
        ${column('outcome')}::text[]::control.promise_outcome[],
        ${column('severity')}::text[]::control.promise_severity[],
        ${column('unexpected')}::bigint[],
        ${column('elements')}::bigint[],
        ${column('observed')}::float8[],
        ${column('lower')}::float8[],
        ${column('upper')}::float8[]
      ) as a (key, place, type, column_name, unit, outcome, severity, unexpected, elements, observed, lower, upper)`;
}
