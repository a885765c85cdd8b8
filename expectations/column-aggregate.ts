import { sql } from 'kysely';
import { boundedBy, outside, rangeProperties, rangeWords, wholeRangeProperties } from './bounds.ts';
import type { Range } from './bounds.ts';
import { columnProperty } from './column-map.ts';
import { defineExpectation } from './define-expectation.ts';
import type { Documentation, Example, ExpectationType, Measured, Measures } from './define-expectation.ts';
import { isObject } from './json.ts';
import type { Json } from './json.ts';
import { shown } from './measured.ts';
import { CannotEvaluate } from './scan.ts';
import type { Column, Scan, Sql } from './scan.ts';

/** Arguments of a promise about one number (or time) that a column comes to. */
export interface ColumnRange extends Range {
  readonly column: string;
}

/** What the author of a type about one figure of a column writes. */
export interface ColumnAggregateDefinition {
  readonly type: string;
  readonly docs: Documentation;
  /** What the figure is called: `highest`, `mean`. */
  readonly figure: string;
  /** The figure, and the column as which it compares: the mean of whole numbers is a fraction. */
  readonly value: (column: Column, scan: Scan) => Figure;
  /** The same figure where no value occurs twice: nothing has to be told apart then. */
  readonly whenUnique?: (column: Column, scan: Scan) => Figure;
  /** True where the figure is a count, so that its bounds are whole numbers. */
  readonly whole?: true;
  readonly examples: readonly Example[];
}

/** A figure as SQL, with what it compares as. */
export interface Figure {
  readonly sql: Sql;
  readonly compares: Column;
  /** What is reported, where that is not the figure itself; jsonb. */
  readonly shown?: Sql;
  /** True where the SQL is a query beside the scan, which must not be written twice: it would run twice. */
  readonly beside?: true;
  /** True where its aggregates have to order the rows. */
  readonly ordered?: true;
}

/** Declares a promise that one figure of a column lies in a range. No figure (nothing to count) breaks it. */
export function defineColumnAggregate(definition: ColumnAggregateDefinition): ExpectationType {
  const { figure } = definition;
  return defineExpectation<ColumnRange>({
    type: definition.type,
    docs: definition.docs,
    properties: { column: columnProperty, ...(definition.whole ? wholeRangeProperties : rangeProperties) },
    required: ['column'],
    mostly: false,
    columns: ({ column }) => [column],
    measure: (kwargs, scan) => measureFigure(definition.value(scan.column(kwargs.column), scan), kwargs),
    provable: (kwargs, scan) => {
      const figureOf = definition.whenUnique;
      if (figureOf === undefined) return null;
      const column = scan.column(kwargs.column);
      return {
        claim: { kind: 'unique', columns: [kwargs.column] },
        measures: { figure: together(compareFigure(figureOf(column, scan), kwargs)) },
      };
    },
    judge: (kwargs, measured) => {
      const { figure: both = null } = measured;
      const compared = isObject(both) ? both : measured;
      const observed = observedValue(compared);
      return {
        success: observed !== null && compared['outside'] === false,
        result: { observed_value: observed },
        observed: observed === null ? 'no value at all' : `${figure} is ${shown(observed)}`,
        unexpectedCount: null,
        elementCount: null,
        ...boundedBy(observed, kwargs),
      };
    },
    describe: (kwargs) => `${figure} ${kwargs.column} ${rangeWords(kwargs)}`,
    examples: definition.examples,
  });
}

function measureFigure(figure: Figure, range: Range): Measures {
  if (figure.beside !== true) {
    const { observed, outside: breaks } = compareFigure(figure, range);
    if (figure.ordered !== true) return { observed, outside: breaks };
    return { observed: { ordered: observed }, outside: { ordered: breaks } };
  }
  const compared = together(compareFigure({ ...figure, sql: sql`figure.v` }, range));
  // Without OFFSET the planner would put the query wherever its result is read.
  return {
    figure: { beside: sql`(select ${compared} from (select ${figure.sql} as v offset 0) as figure)` },
  };
}

interface Compared {
  readonly observed: Sql;
  readonly outside: Sql;
}

function compareFigure(figure: Figure, range: Range): Compared {
  const value = byDay(figure, range);
  const breaks = [...outside(value.sql, value.compares, range), ...outsideNoNumber(range)];
  return {
    // jsonb keeps what a double or a clock reading would lose: all digits, and ISO 8601 text.
    observed: value.shown ?? sql`to_jsonb(${value.sql})`,
    // Compared where the value is, with its own type.
    outside: breaks.length === 0 ? sql`false` : sql`coalesce(${sql.join(breaks, sql` or `)}, true)`,
  };
}

function together({ observed, outside: breaks }: Compared): Sql {
  return sql`jsonb_build_object('observed', ${observed}, 'outside', ${breaks})`;
}

/** Nothing lies on either side of what is no number; Postgres orders it above all others. */
function outsideNoNumber({ min_value, max_value }: Range): readonly Sql[] {
  return min_value === 'NaN' || max_value === 'NaN' ? [sql`true`] : [];
}

/** A time beside bounds that are days is the day it lies on, as in Great Expectations: the last day is included. */
function byDay(figure: Figure, { min_value = null, max_value = null }: Range): Figure {
  const bounds = [min_value, max_value].filter((bound) => bound !== null);
  const days = bounds.length > 0 && bounds.every((bound) => /^\d{4}-\d{2}-\d{2}$/.test(String(bound)));
  return days && figure.compares.category === 'time'
    ? { ...figure, sql: sql`(${figure.sql})::date` }
    : figure;
}

/** Not a number is no value, as in Great Expectations. */
function observedValue(measured: Measured): Json {
  const observed = measured['observed'] ?? null;
  return observed === 'NaN' ? null : observed;
}

/**
 * The column, where it holds numbers.
 *
 * @throws CannotEvaluate for any other
 */
export function numeric(column: Column): Column {
  if (column.category === 'whole' || column.category === 'number') return column;
  throw new CannotEvaluate(`column ${column.name} is ${column.type}, and the promise is about numbers`);
}

/** A figure that is a fraction, compared as Great Expectations does: as a double. */
export function fraction(column: Column, value: Sql): Figure {
  return { sql: sql`(${value})::double precision`, compares: { ...column, category: 'number' } };
}

/**
 * A figure of the different values that are present, made of how many of them there are: `count(*)`, and of how many
 * rows have each: `n`. A query beside the scan, as count(distinct) would stop it from running in parallel.
 */
export function ofDistinct(scan: Scan, column: Column, value: Sql): Sql {
  const asked = scan.where(sql`${column.sql} is not null`);
  return sql`(select ${value} from (select count(*) as n from ${scan.batch} where ${asked} group by ${column.sql}) as different)`;
}
