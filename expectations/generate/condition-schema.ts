import type { JsonSchema } from '../json-schema.ts';
import { comparators } from '../row-condition.ts';

const reference = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` });

const column: JsonSchema = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: { name: { type: 'string', minLength: 1 } },
};

const LISTED = ['IN', 'NOT_IN'] as const;

const comparison: JsonSchema = {
  type: 'object',
  description: 'A column compared with a value, or with a list.',
  required: ['column', 'operator', 'parameter'],
  additionalProperties: false,
  properties: {
    type: { const: 'comparison' },
    column,
    operator: { enum: [...comparators, ...LISTED] },
    parameter: { description: 'Text, a number or a boolean; for IN and NOT_IN a list of one type.' },
  },
  if: { properties: { operator: { enum: [...LISTED] } } },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: {
    properties: {
      parameter: {
        anyOf: [
          { type: 'array', items: { type: 'string' } },
          { type: 'array', items: { type: 'number' } },
        ],
      },
    },
  },
  else: { properties: { parameter: { type: ['string', 'number', 'boolean'] } } },
};

const nullity: JsonSchema = {
  type: 'object',
  description: 'A column that is missing, or present.',
  required: ['column', 'is_null'],
  additionalProperties: false,
  properties: { type: { const: 'nullity' }, column, is_null: { type: 'boolean' } },
};

function group(kind: 'and' | 'or', description: string): JsonSchema {
  return {
    type: 'object',
    description,
    required: ['type', 'conditions'],
    additionalProperties: false,
    properties: {
      type: { const: kind },
      conditions: { type: 'array', items: reference('conditionInGroup') },
    },
  };
}

/** JSON Schemas of a `row_condition` in Great Expectations' forms, by the name that others refer to. */
export const conditionSchemas: Readonly<Record<string, JsonSchema>> = {
  comparison,
  nullity,
  allOfConditions: group('and', 'All of several conditions.'),
  anyOfConditions: group('or', 'Any of several conditions; it stands at the top only.'),
  conditionInGroup: {
    anyOf: [reference('comparison'), reference('nullity'), reference('allOfConditions')],
  },
  legacyCondition: {
    type: 'string',
    description: 'The older form: one comparison, such as col("qty") > 1, or col("status").notnull().',
    pattern: '^\\s*col\\(',
  },
  rowCondition: {
    description: 'Rows it is asked of; all where it is left out.',
    anyOf: [
      { type: 'null' },
      reference('comparison'),
      reference('nullity'),
      reference('allOfConditions'),
      reference('anyOfConditions'),
      reference('legacyCondition'),
    ],
  },
  conditionParser: {
    if: { required: ['row_condition'], properties: { row_condition: { type: 'string' } } },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: {
      required: ['condition_parser'],
      properties: {
        condition_parser: { enum: ['great_expectations', 'great_expectations__experimental__'] },
      },
    },
  },
};
