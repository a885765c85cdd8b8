import { shown } from './measured.ts';

/** Which rows an expectation is asked of: Great Expectations' `row_condition`, in whichever form it was written. */
export type RowCondition =
  | {
      readonly kind: 'comparison';
      readonly column: string;
      readonly operator: Comparator;
      readonly value: string | number | boolean;
    }
  | {
      readonly kind: 'membership';
      readonly column: string;
      readonly negated: boolean;
      readonly members: readonly string[] | readonly number[];
    }
  | { readonly kind: 'nullity'; readonly column: string; readonly isNull: boolean }
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly RowCondition[] };

export const comparators = ['==', '!=', '<', '<=', '>', '>='] as const;
export type Comparator = (typeof comparators)[number];

/** A condition to the letter: two that ask the same rows in the same words have the same text. Null for none. */
export function conditionText(condition: RowCondition | null): string | null {
  return condition === null ? null : JSON.stringify(condition);
}

/** The columns that a condition looks at, as it names them. */
export function conditionColumns(condition: RowCondition | null): readonly string[] {
  if (condition === null) return [];
  return 'column' in condition ? [condition.column] : condition.conditions.flatMap(conditionColumns);
}

/** A condition in words: `status == "paid" and qty present`. */
export function conditionWords(condition: RowCondition): string {
  switch (condition.kind) {
    case 'comparison':
      return `${condition.column} ${condition.operator} ${shown(condition.value)}`;
    case 'membership':
      return `${condition.column} ${condition.negated ? 'none' : 'one'} of ${shown(condition.members)}`;
    case 'nullity':
      return `${condition.column} ${condition.isNull ? 'missing' : 'present'}`;
    case 'and':
    case 'or':
      return condition.conditions.map(conditionWords).join(` ${condition.kind} `) || 'anything';
  }
}
