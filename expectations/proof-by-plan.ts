import { sql } from 'kysely';
import { fromRelation } from './compile.ts';
import type { AskableEntry, Batch, Statement } from './compile.ts';
import { isList, isObject } from './json.ts';
import type { Json } from './json.ts';

/**
 * Asks Postgres's planner, without reading a row, which entries no row can break: with `constraint_exclusion` on it
 * leaves out the scan of a relation whose valid constraints contradict the condition. Answers with their places in the
 * suite.
 *
 * A batch whose repeated rows are collapsed is part of its relation, so the relation is asked.
 *
 * @see https://www.postgresql.org/docs/18/runtime-config-query.html#GUC-CONSTRAINT-EXCLUSION
 */
export function compileRefutation(
  entries: readonly AskableEntry[],
  batch: Batch,
): Statement<ReadonlySet<number>> {
  const asked = entries.flatMap(({ bound, scan, expectation }) => {
    const failing = bound.failing?.(scan) ?? null;
    if (failing === null) return [];
    const rows = sql`select 1 from ${fromRelation(batch)} where ${scan.where(failing.predicate)}`;
    return [{ index: expectation.index, rows }];
  });
  const list = asked.map(({ rows }) => sql`(${rows})`);
  return {
    sql: sql`explain (format json, costs off) select ${sql.join(list)}`,
    read: (row) => {
      const plans = subqueriesOf(row['QUERY PLAN'] ?? null);
      // A plan of another form says nothing.
      if (plans.length !== asked.length) return new Set();
      return new Set(asked.flatMap(({ index }, place) => (isEmpty(plans[place] ?? null) ? [index] : [])));
    },
  };
}

/** Each of the subqueries is one initial plan, in their order. */
function subqueriesOf(answer: Json): readonly Json[] {
  const top = isList(answer) ? (answer[0] ?? null) : null;
  const plan = isObject(top) ? (top['Plan'] ?? null) : null;
  const parts = isObject(plan) ? (plan['Plans'] ?? null) : null;
  if (!isList(parts)) return [];
  return parts.filter((part) => isObject(part) && part['Parent Relationship'] === 'InitPlan');
}

function isEmpty(plan: Json): boolean {
  return (
    isObject(plan) &&
    plan['Node Type'] === 'Result' &&
    plan['One-Time Filter'] === 'false' &&
    plan['Plans'] === undefined
  );
}
