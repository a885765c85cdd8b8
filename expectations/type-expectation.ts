import { sql } from 'kysely';
import { columnProperty } from './column-map.ts';
import { greatExpectationsType } from './column-type.ts';
import { defineExpectation } from './define-expectation.ts';
import type { Documentation, Example, ExpectationType } from './define-expectation.ts';
import type { JsonSchema } from './json-schema.ts';
import { shown } from './measured.ts';
import { aboutTable } from './table-fact.ts';

/** Arguments of a promise about a column's type. */
interface ColumnTypeKwargs {
  readonly column: string;
}

/** What the author of a type about a column's type writes. */
export interface TypeDefinition<K extends ColumnTypeKwargs> {
  readonly type: string;
  readonly docs: Documentation;
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly (keyof K & string)[];
  /** Whether a share may be given; Great Expectations takes it and does not read it. */
  readonly mostly: boolean;
  /** False where a row condition is refused; elsewhere it is taken and changes nothing. */
  readonly conditional?: false;
  /** Types that are right; null where any is. */
  readonly types: (kwargs: K) => readonly string[] | null;
  readonly examples: readonly Example[];
}

/** Declares a promise about the type a column was declared with: the catalogue knows it, nothing is scanned. */
export function defineTypeExpectation<K extends ColumnTypeKwargs>(
  definition: TypeDefinition<K>,
): ExpectationType {
  const { types } = definition;
  return defineExpectation<K>({
    ...definition,
    properties: { column: columnProperty, ...definition.properties },
    required: ['column', ...definition.required],
    columns: ({ column }) => [column],
    measure: ({ column }, scan) => ({
      type: sql`${greatExpectationsType(scan.column(column).type)}::text`,
    }),
    judge: (kwargs, measured) => {
      const { type: found = '' } = measured;
      if (typeof found !== 'string') throw new Error('The type of a column was not measured as text.');
      const right = types(kwargs)?.some((type) => type.toLowerCase() === found.toLowerCase()) ?? true;
      return { ...aboutTable(`it is ${found}`), success: right, result: { observed_value: found } };
    },
    describe: (kwargs) => `type of ${kwargs.column} ${shown(types(kwargs)?.join(' or ') ?? 'any')}`,
  });
}

/** What every such type says about rows and NULLs. */
export const typeDocs = { empty: 'Rows do not matter.', nulls: 'Values do not matter.' };

/** JSON Schema of the name of a type. */
export const typeProperty: JsonSchema = {
  type: 'string',
  description:
    'As Great Expectations names it: INTEGER, NUMERIC(12, 2), VARCHAR(10), TIMESTAMP WITH TIME ZONE.',
};
