import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { BatchContext, PastFigure, PublishedTable } from './batch-context.ts';
import { nearMiss } from './suggestion.ts';

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
  /**
   * Rows that the expectation is asked of and in which a column has a value. Those without one are what is counted: they
   * are few, and an aggregate whose filter passes few rows costs less than one that takes each.
   */
  present(column: Column): Sql;
  /** An aggregate over the rows that the expectation is asked of. */
  aggregate(aggregate: Sql): Sql;
  /** `predicate`, and the expectation's row condition when it has one: for queries beside the one scan. */
  where(predicate: Sql): Sql;
  /** The time the batch is judged by, ISO 8601, UTC. */
  readonly asOf: string;
  /** The table that the gate's model publishes into. @throws CannotEvaluate outside of a gate */
  published(): PublishedTable;
  /** What a figure of the rows it is asked of came to before, in the same hour of the week. */
  past(figure: string): readonly PastFigure[];
  /** What says which row comes before which. @throws CannotEvaluate where nothing does */
  order(): readonly Sql[];
}

/** What an expectation is asked with beside the rows of the batch. */
export interface Around {
  readonly asOf: string;
  /** Undefined where nobody has read what stands around the batch. */
  readonly context: BatchContext | undefined;
  /** The row condition to the letter; null for none. */
  readonly condition: string | null;
  /** Columns that order the rows, as the suite says; null where it does not. */
  readonly orderBy: readonly string[] | null;
  /** Whether the batch is a relation as it stands, and not a selection of its rows. */
  readonly isWhole: boolean;
}

/** Longest name of a figure: it is part of a key. */
const LONGEST_FIGURE = 500;

/**
 * The name that a figure is kept under: `rows`, or `share of NULLs in store_id`, and the row condition when there is one.
 *
 * @param condition the row condition to the letter; null for none.
 * @throws CannotEvaluate when it is too long to be kept.
 */
export function figureName(figure: string, condition: string | null): string {
  const name = condition === null ? figure : `${figure}, where ${condition}`;
  if (name.length <= LONGEST_FIGURE) return name;
  throw new CannotEvaluate('the row condition is too long to learn by: say it in fewer words');
}

/** An expectation that cannot be asked of this batch. It counts as failed; the others still report. */
export class CannotEvaluate extends Error {
  override readonly name = 'CannotEvaluate';
}

/** A column of the batch. @throws CannotEvaluate when there is none of that name */
export function findColumn(columns: ReadonlyMap<string, CatalogueColumn>, name: string): Column {
  const column = columns.get(name);
  if (column === undefined) {
    const near = nearMiss(name, [...columns.keys()]);
    throw new CannotEvaluate([`there is no column ${name}`, near].filter(Boolean).join('. '));
  }
  return { ...column, sql: sql.id(name) };
}

/**
 * A scan over `batch`.
 *
 * @param columns the batch's columns, by name.
 * @param condition rows that the expectation is asked of; null for all. Made when it is first used: the type of a
 *   column is asked of no rows.
 * @param schema where other relations are looked for that name none.
 * @param around what stands around the batch; nothing is known of it where it is left out.
 */
export function createScan(
  batch: Sql,
  columns: ReadonlyMap<string, CatalogueColumn>,
  condition: (() => Sql) | null,
  schema = 'public',
  around: Around = nothingAround,
): Scan {
  const filter = (aggregate: Sql, predicates: readonly Sql[]): Sql =>
    predicates.length === 0
      ? aggregate
      : sql`${aggregate} filter (where ${sql.join(predicates, sql` and `)})`;
  const conditions = (): readonly Sql[] => (condition === null ? [] : [sql`(${condition()})`]);
  const count = (predicate?: Sql): Sql =>
    filter(sql`count(*)`, predicate === undefined ? conditions() : [...conditions(), predicate]);
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
    count,
    present: (column) => sql`(${count()} - ${count(sql`${column.sql} is null`)})`,
    aggregate: (aggregate) => filter(aggregate, conditions()),
    where: (predicate) => sql.join([...conditions(), predicate], sql` and `),
    asOf: around.asOf,
    published: () => publishedOf(around),
    past: (figure) => around.context?.past.get(figureName(figure, around.condition)) ?? [],
    order: () => orderOf(columns, around),
  };
}

const nothingAround: Around = {
  asOf: '1970-01-01T00:00:00Z',
  context: undefined,
  condition: null,
  orderBy: null,
  isWhole: true,
};

function publishedOf({ context }: Around): PublishedTable {
  const published = context?.published ?? null;
  if (published !== null) return published;
  throw new CannotEvaluate(
    'there is no published table to compare with: it is asked at a gate, or by weir validate with --published schema.table',
  );
}

/** Where a record stood in what was delivered, the strongest first. */
const POSITION: readonly string[] = ['_source', '_revision', '_load', '_position'];

function orderOf(columns: ReadonlyMap<string, CatalogueColumn>, around: Around): readonly Sql[] {
  if (around.orderBy !== null) return around.orderBy.map((name) => findColumn(columns, name).sql);
  if (columns.has('_position')) {
    return POSITION.filter((name) => columns.has(name)).map((name) => sql.id(name));
  }
  if (around.isWhole && around.context?.physical !== false) return [sql.id('ctid')];
  throw new CannotEvaluate(
    'nothing says which row comes first: give columns in the expectation’s meta, {"weir": {"order_by": ["…"]}}',
  );
}
