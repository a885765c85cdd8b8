import { sql } from 'kysely';
import { fromBatch, withBatch } from './compile.ts';
import type { AskableEntry, Batch } from './compile.ts';
import type { Sql } from './scan.ts';

/**
 * The rows of a batch that break any of some expectations, each once: the columns of `identity`, and `broken`, an array
 * of the places in the suite of what it breaks. By the predicates and row conditions that count failing rows, so that a
 * row is here exactly when it was counted: all rows of a repeated value, none that is only missing.
 *
 * @param identity what says which row it is, such as its key or `ctid`.
 * @returns null where no single row breaks any of them.
 */
export function compileBroken(
  entries: readonly AskableEntry[],
  batch: Batch,
  identity: readonly string[],
): Sql | null {
  const cases = entries.flatMap(({ expectation, bound, scan }) => {
    const failing = bound.failing?.(scan) ?? null;
    return failing === null
      ? []
      : [sql`case when ${scan.where(failing.predicate)} then ${expectation.index}::integer end`];
  });
  if (cases.length === 0) return null;
  const names = sql.join(identity.map((name) => sql.id(name)));
  // Judged once a row, in the subquery: a test for any of them beside it would judge each row twice.
  return sql`${withBatch(batch)}select * from (
    select ${names}, array_remove(array[${sql.join(cases)}], null) as broken from ${fromBatch(batch)} offset 0
  ) as judged where cardinality(broken) > 0`;
}
