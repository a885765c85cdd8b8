import { sql } from 'kysely';
import { boundValue } from './bounds.ts';
import type { Comparator, RowCondition } from './row-condition.ts';
import type { Column, Sql } from './scan.ts';

const OPERATORS: Readonly<Record<Comparator, Sql>> = {
  '==': sql`=`,
  '!=': sql`<>`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
};

/**
 * A row condition as SQL, with every value bound. A NULL satisfies no comparison, as in SQL.
 *
 * @param columnOf finds a column of the batch; throws CannotEvaluate when there is none.
 */
export function conditionSql(condition: RowCondition, columnOf: (name: string) => Column): Sql {
  switch (condition.kind) {
    case 'nullity': {
      const column = columnOf(condition.column);
      return condition.isNull ? sql`${column.sql} is null` : sql`${column.sql} is not null`;
    }
    case 'comparison': {
      const column = columnOf(condition.column);
      return sql`${column.sql} ${OPERATORS[condition.operator]} ${comparedValue(column, condition.value)}`;
    }
    case 'membership': {
      const column = columnOf(condition.column);
      const array = memberArray(condition.members);
      return condition.negated ? sql`${column.sql} <> all(${array})` : sql`${column.sql} = any(${array})`;
    }
    case 'and':
    case 'or': {
      const parts = condition.conditions.map((one) => sql`(${conditionSql(one, columnOf)})`);
      if (parts.length === 0) return sql`true`;
      return sql.join(parts, condition.kind === 'and' ? sql` and ` : sql` or `);
    }
  }
}

/** Text is bound without a type: Postgres reads it as the column's, `'1'` beside an integer and a date beside a time. */
function comparedValue(column: Column, value: string | number | boolean): Sql {
  if (typeof value === 'number') return boundValue(column, value);
  return typeof value === 'boolean' ? sql`${value}::boolean` : sql`${value}`;
}

function memberArray(members: readonly (string | number)[]): Sql {
  const numbers = members.length > 0 && members.every((member) => typeof member === 'number');
  if (!numbers) return sql`${members}`;
  return members.every(Number.isSafeInteger) ? sql`${members}::bigint[]` : sql`${members}::numeric[]`;
}
