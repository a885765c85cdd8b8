import { sql } from 'kysely';
import { columnProperty, countsOf, judgeRows, mostlyWords } from './column-map.ts';
import type { ColumnKwargs } from './column-map.ts';
import { defineExpectation } from './define-expectation.ts';
import type { Example, ExpectationType } from './define-expectation.ts';
import type { Scan, Sql } from './scan.ts';

/** Arguments of a promise about each value and the one before it. */
interface OrderKwargs extends ColumnKwargs {
  readonly strictly?: boolean | null;
}

/** What the author of a type about the order of values writes. */
export interface OrderDefinition {
  readonly type: string;
  readonly direction: 'increasing' | 'decreasing';
  readonly examples: readonly Example[];
}

/**
 * Declares a promise that the values of a column go one way in the order of the rows. A value is compared with the one
 * before it that is present, among the rows that are asked; the first has none before it and holds.
 */
export function defineOrder({ type, direction, examples }: OrderDefinition): ExpectationType {
  const up = direction === 'increasing';
  return defineExpectation<OrderKwargs>({
    type,
    docs: {
      promise: `Each value is ${up ? 'at least' : 'at most'} the one before it, in the order of the rows: by the columns of \`meta.weir.order_by\`, else by their place in what was delivered, else as they lie in the table.`,
      empty: 'An empty batch passes.',
      nulls: 'NULLs are left out: a value is compared with the one before it that is present.',
      source: `https://greatexpectations.io/expectations/${type}`,
    },
    properties: {
      column: columnProperty,
      strictly: { type: ['boolean', 'null'], description: 'True: equal to the one before is not enough.' },
    },
    required: ['column'],
    mostly: true,
    needs: ['order'],
    columns: ({ column }) => [column],
    measure: (kwargs, scan) => ({
      elements: scan.count(),
      present: scan.present(scan.column(kwargs.column)),
      unexpected: { beside: sql`(select coalesce(sum(n), 0)::bigint from ${broken(kwargs, scan, up)})` },
    }),
    failing: (kwargs, scan) => {
      const place = placeOf(kwargs, scan);
      const value = scan.column(kwargs.column).sql;
      return {
        predicate: sql`${value} is not null and ${place} in (select place from ${broken(kwargs, scan, up)})`,
        columns: [kwargs.column],
      };
    },
    judge: ({ mostly = 1 }, measured) =>
      judgeRows(countsOf(measured), mostly, `${up ? 'below' : 'above'} the value before`),
    describe: ({ column, strictly, mostly }) =>
      `${column} ${strictly === true ? 'strictly ' : ''}${direction}${mostlyWords(mostly)}`,
    examples,
  });
}

/** Where a row stands, and its value: as text, because a column of the order may be NULL. */
function placeOf({ column }: OrderKwargs, scan: Scan): Sql {
  return sql`row(${sql.join(scan.order())}, ${scan.column(column).sql})::text`;
}

/**
 * The places of the values that do not go the way of the one before, and how many rows `n` stand there: nothing tells
 * rows of one place and one value apart, so all of them break it or none does, and strictly only one may be there. Other
 * values of the same place are taken in the order that keeps the promise, so that the answer is always the same.
 */
function broken(kwargs: OrderKwargs, scan: Scan, up: boolean): Sql {
  const value = scan.column(kwargs.column).sql;
  const order = sql`${sql.join(scan.order())}, ${value}`;
  const ordered = sql`order by ${order} ${up ? sql`asc` : sql`desc`}`;
  const against = up ? sql`<` : sql`>`;
  const breaks =
    kwargs.strictly === true ? sql`value ${against}= before or n > 1` : sql`value ${against} before`;
  return sql`(select ${placeOf(kwargs, scan)} as place, ${value} as value, count(*) as n, lag(${value}) over (${ordered}) as before
    from ${scan.batch} where ${scan.where(sql`${value} is not null`)} group by ${order}, 1) as ordered where ${breaks}`;
}
