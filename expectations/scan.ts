import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

/** A piece of SQL whose values are bound and whose names are quoted. */
export type Sql = RawBuilder<unknown>;

/**
 * What kind of values a column holds, as far as comparing needs to know: `whole` are int2, int4 and int8, `time` are
 * date, timestamp and timestamptz. Domains count as what they are over.
 */
export type Category = 'whole' | 'number' | 'text' | 'time' | 'boolean' | 'uuid' | 'other';

/** A column as the catalogue has it. */
export interface CatalogueColumn {
  readonly name: string;
  readonly category: Category;
  /** The type's name, for messages. */
  readonly type: string;
}

/** A column an expectation asks about. */
export interface Column extends CatalogueColumn {
  /** Its quoted name. */
  readonly sql: Sql;
}

/** What the SQL of an expectation is written against. */
export interface Scan {
  /** The batch, for a query beside the one scan: `from ${scan.batch}`. */
  readonly batch: Sql;
  /** All columns of the batch, in the catalogue's order. */
  readonly columns: readonly CatalogueColumn[];
  /** Another relation: `schema.name`, or a name in the schema of the batch. The login that asks has to be allowed to read it. */
  relation(name: string): Sql;
  /** A column of the batch. @throws CannotEvaluate when there is none of that name */
  column(name: string): Column;
  /** Rows that the expectation is asked of and that satisfy `predicate`. */
  count(predicate?: Sql): Sql;
  /** An aggregate over the rows that the expectation is asked of. */
  aggregate(aggregate: Sql): Sql;
  /** `predicate`, and the expectation's row condition when it has one: for queries beside the one scan. */
  where(predicate: Sql): Sql;
}

/** An expectation that cannot be asked of this batch. It counts as failed; the others still report. */
export class CannotEvaluate extends Error {
  override readonly name = 'CannotEvaluate';
}

/** A column of the batch. @throws CannotEvaluate when there is none of that name */
export function findColumn(columns: ReadonlyMap<string, CatalogueColumn>, name: string): Column {
  const column = columns.get(name);
  if (column === undefined) throw new CannotEvaluate(`there is no column ${name}`);
  return { ...column, sql: sql.id(name) };
}

/**
 * A scan over `batch`.
 *
 * @param columns the batch's columns, by name.
 * @param condition rows that the expectation is asked of; null for all.
 * @param schema where other relations are looked for that name none.
 */
export function createScan(
  batch: Sql,
  columns: ReadonlyMap<string, CatalogueColumn>,
  condition: Sql | null,
  schema = 'public',
): Scan {
  const filter = (aggregate: Sql, predicates: readonly Sql[]): Sql =>
    predicates.length === 0
      ? aggregate
      : sql`${aggregate} filter (where ${sql.join(predicates, sql` and `)})`;
  const conditions = condition === null ? [] : [sql`(${condition})`];
  return {
    batch,
    columns: [...columns.values()],
    relation: (name) => {
      const [first = '', second, ...more] = name.split('.');
      if (second === undefined) return sql.id(schema, first);
      if (more.length > 0) throw new CannotEvaluate(`there is no relation ${name}: it is named schema.name`);
      return sql.id(first, second);
    },
    column: (name) => findColumn(columns, name),
    count: (predicate) =>
      filter(sql`count(*)`, predicate === undefined ? conditions : [...conditions, predicate]),
    aggregate: (aggregate) => filter(aggregate, conditions),
    where: (predicate) => sql.join([...conditions, predicate], sql` and `),
  };
}
