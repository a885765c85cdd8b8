import { sql } from 'kysely';
import { defineExpectation } from './define-expectation.ts';
import type {
  Definition,
  Documentation,
  Example,
  ExpectationType,
  Judgement,
  Measured,
} from './define-expectation.ts';
import type { Json, JsonObject } from './json.ts';
import type { JsonSchema } from './json-schema.ts';
import { countOf, grouped } from './measured.ts';
import { noRowBreaksIt } from './proof.ts';
import type { Column, Scan, Sql } from './scan.ts';

/** The counts every promise about single rows is judged by. */
export interface RowCounts {
  readonly elements: number;
  /** Rows left out because there is no value to judge. */
  readonly missing: number;
  readonly unexpected: number;
}

/** Arguments of a promise about the values of one column. */
export interface ColumnKwargs {
  readonly column: string;
  readonly mostly?: number;
}

/** JSON Schema of `column`. */
export const columnProperty: JsonSchema = {
  type: 'string',
  minLength: 1,
  description: 'Name of the column, as it is.',
};

/** What the author of a type about one column's values writes. */
export interface ColumnMapDefinition<K extends ColumnKwargs> {
  readonly type: string;
  readonly docs: Documentation;
  /** JSON Schema of the arguments beside `column` and `mostly`. */
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly (keyof K & string)[];
  readonly check?: (kwargs: JsonObject) => readonly string[];
  /** True for a value that breaks the promise; it may be anything for a missing one. */
  readonly breaks: (kwargs: K, column: Column, scan: Scan) => Sql;
  /** Whether {@link breaks} is NULL for a missing value: it need not be asked for then, which a large scan feels. */
  readonly strict?: (kwargs: K) => boolean;
  readonly describe: (kwargs: K) => string;
  /** Ends the sentence "1 of 18 rows …": `outside`. */
  readonly broken: string;
  readonly examples: readonly Example[];
}

/** Declares a promise about each value of one column, NULLs left out, that joins the suite's one scan. */
export function defineColumnMap<K extends ColumnKwargs>(definition: ColumnMapDefinition<K>): ExpectationType {
  const full: Definition<K> = {
    ...definition,
    properties: { column: columnProperty, ...definition.properties },
    required: ['column', ...(definition.required ?? [])],
    mostly: true,
    columns: ({ column }) => [column],
    measure: (kwargs, scan) => {
      const column = scan.column(kwargs.column);
      return {
        elements: scan.count(),
        present: scan.present(column),
        unexpected: scan.count(broken(definition, kwargs, column, scan)),
      };
    },
    failing: (kwargs, scan) => ({
      predicate: broken(definition, kwargs, scan.column(kwargs.column), scan),
      columns: [kwargs.column],
    }),
    provable: () => noRowBreaksIt,
    judge: (kwargs, measured) => {
      const counts = countsOf(measured);
      // Great Expectations sums a CASE, and the sum over no rows is NULL.
      const unexpectedCount = counts.elements === 0 ? null : counts.unexpected;
      const judgement = judgeRows(counts, kwargs.mostly ?? 1, definition.broken);
      return { ...judgement, result: { ...judgement.result, unexpected_count: unexpectedCount } };
    },
  };
  return defineExpectation(full);
}

function broken<K extends ColumnKwargs>(
  definition: ColumnMapDefinition<K>,
  kwargs: K,
  column: Column,
  scan: Scan,
): Sql {
  const breaks = definition.breaks(kwargs, column, scan);
  return definition.strict?.(kwargs) === true
    ? sql`(${breaks})`
    : sql`${column.sql} is not null and (${breaks})`;
}

/** Reads the measures `elements`, `present` and `unexpected`. */
export function countsOf(measured: Measured): RowCounts {
  const elements = countOf(measured, 'elements');
  return {
    elements,
    missing: elements - countOf(measured, 'present'),
    unexpected: countOf(measured, 'unexpected'),
  };
}

/** `part` of `whole` in percent; null where there is no whole. */
export function percent(part: number, whole: number): Json {
  return whole === 0 ? null : (part / whole) * 100;
}

/**
 * Judges a promise about single rows as Great Expectations does: missing rows are left out, the share of the rest
 * that holds it must reach `mostly`, and where nothing is left the promise holds.
 *
 * @param mostly share, 0 to 1.
 * @param words ends the sentence "1 of 18 rows …".
 */
export function judgeRows(counts: RowCounts, mostly: number, words: string): Judgement {
  const { elements, missing, unexpected } = counts;
  const asked = elements - missing;
  const success = asked === 0 || (asked - unexpected) / asked >= mostly;
  return {
    success,
    result: {
      element_count: elements,
      unexpected_count: unexpected,
      unexpected_percent: percent(unexpected, asked),
      missing_count: missing,
      missing_percent: percent(missing, elements),
      unexpected_percent_total: percent(unexpected, elements),
      unexpected_percent_nonmissing: percent(unexpected, asked),
    },
    observed: `${grouped(unexpected)} of ${grouped(asked)} ${asked === 1 ? 'row' : 'rows'} ${words}`,
    unexpectedCount: unexpected,
    elementCount: asked,
  };
}

/** `, for at least 95 % of rows`; nothing when all must hold it. */
export function mostlyWords(mostly: number | undefined): string {
  return mostly === undefined || mostly === 1 ? '' : `, for at least ${mostly * 100} % of rows`;
}
