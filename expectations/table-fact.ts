import { defineExpectation } from './define-expectation.ts';
import type { Documentation, Example, ExpectationType } from './define-expectation.ts';
import type { JsonSchema } from './json-schema.ts';
import { countOf, grouped } from './measured.ts';
import type { Scan, Sql } from './scan.ts';

/** A number of rows or columns that has to be as given. */
export interface CountDefinition {
  readonly type: string;
  readonly docs: Documentation;
  /** What is counted: `rows`. */
  readonly counted: 'rows' | 'columns';
  readonly count: (scan: Scan) => Sql;
  readonly examples: readonly Example[];
}

const value: JsonSchema = { type: 'integer', description: 'How many.' };

/** Declares a promise that a number of the table is exactly as given. */
export function defineCount({ counted, count, ...definition }: CountDefinition): ExpectationType {
  return defineExpectation<{ readonly value: number }>({
    ...definition,
    ...(counted === 'columns' ? { conditional: false } : {}),
    properties: { value },
    required: ['value'],
    mostly: false,
    // The table's columns are the same whichever rows are asked.
    ...(counted === 'columns' ? { conditional: false } : {}),
    columns: () => [],
    measure: (_, scan) => ({ count: count(scan) }),
    judge: (kwargs, measured) => {
      const found = countOf(measured, 'count');
      return {
        ...aboutTable(`${grouped(found)} ${counted}`),
        success: found === kwargs.value,
        result: { observed_value: found },
        bounded: { value: found, lower: kwargs.value, upper: kwargs.value },
      };
    },
    describe: (kwargs) => `exactly ${grouped(kwargs.value)} ${counted}`,
  });
}

/** What a judgement about the table as a whole says beside success and result. */
export function aboutTable(observed: string): {
  readonly observed: string;
  readonly unexpectedCount: null;
  readonly elementCount: null;
} {
  return { observed, unexpectedCount: null, elementCount: null };
}
