import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { parseInstant } from './instant.ts';
import { isList, isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';

/** A JSON Schema, draft 2019-09 vocabulary as ajv reads it. */
export type JsonSchema = JsonObject;

/** One thing wrong with a value: where (JSON pointer inside it), what, and what was expected. */
export interface SchemaProblem {
  readonly pointer: string;
  readonly problem: string;
  readonly expected: string;
  /** The property that is missing or not known; null where the value itself is wrong. */
  readonly property: string | null;
}

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false });
ajv.addFormat('instant', (text: string) => parseInstant(text) !== null);
ajv.addFormat('bound', (text: string) => isNumberText(text) || parseInstant(text) !== null);

/** Whether text is a number: so are those written that a double has no room for, and those that JSON has no word for. */
export function isNumberText(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text) || isNotFinite(text);
}

/** Whether text is a number as Postgres writes those that are not finite. */
function isNotFinite(text: string): boolean {
  return /^(NaN|-?Infinity)$/.test(text);
}

/** Compiles a schema into a check that is also a type guard. */
export function compileSchema<T>(schema: JsonSchema): ValidateFunction<T> {
  return ajv.compile<T>(schema);
}

/** What the last run of a check found, in words. */
export function schemaProblems(errors: readonly ErrorObject[] | null | undefined): readonly SchemaProblem[] {
  return (errors ?? []).filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'if').map(describeError);
}

function describeError(error: ErrorObject): SchemaProblem {
  const params: Readonly<Record<string, unknown>> = error.params;
  const base = { pointer: error.instancePath, property: null };
  if (error.keyword === 'additionalProperties') {
    const property = String(params['additionalProperty']);
    return { ...base, property, problem: `\`${property}\` is not an argument`, expected: 'a known argument' };
  }
  if (error.keyword === 'required') {
    const property = String(params['missingProperty']);
    return { ...base, property, problem: `\`${property}\` is missing`, expected: `\`${property}\`` };
  }
  if (error.keyword === 'enum' && Array.isArray(params['allowedValues'])) {
    return {
      ...base,
      problem: 'not one of the values allowed',
      expected: `one of ${params['allowedValues'].join(', ')}`,
    };
  }
  if (error.keyword === 'format') {
    return { ...base, problem: 'not a date or time', expected: 'ISO 8601, such as 2017-01-01T00:00:00Z' };
  }
  if (error.keyword === 'type') {
    const types = String(params['type']).split(',').map(typeWords);
    return { ...base, problem: `not ${types[0] ?? 'valid'}`, expected: types.join(' or ') };
  }
  return { ...base, problem: `it ${error.message ?? 'is not valid'}`, expected: expectation(params) };
}

function typeWords(type: string): string {
  const words: Readonly<Record<string, string>> = {
    integer: 'a whole number',
    number: 'a number',
    string: 'text',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
  };
  return words[type] ?? type;
}

function expectation(params: Readonly<Record<string, unknown>>): string {
  const { comparison, limit } = params;
  if (typeof comparison === 'string') return `a number ${comparison} ${String(limit)}`;
  return Object.entries(params)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}

/** Whether a kwarg's schema takes a list. */
export function acceptsList(schema: Json | undefined): boolean {
  return typesOf(schema).includes('array');
}

/** Whether a kwarg's schema takes a boolean, and neither text nor a number. */
export function acceptsOnlyBoolean(schema: Json | undefined): boolean {
  const types = typesOf(schema);
  return types.includes('boolean') && types.every((type) => type === 'boolean' || type === 'null');
}

/** Whether a kwarg's schema takes any text, and nothing else. */
export function acceptsOnlyText(schema: Json | undefined): boolean {
  const types = typesOf(schema);
  if (!isObject(schema) || 'enum' in schema) return false;
  return types.includes('string') && types.every((type) => type === 'string' || type === 'null');
}

/** Whether a kwarg's schema takes a number, and no boolean. */
export function acceptsNumber(schema: Json | undefined): boolean {
  const types = typesOf(schema);
  return (types.includes('number') || types.includes('integer')) && !types.includes('boolean');
}

function typesOf(schema: Json | undefined): readonly Json[] {
  if (typeof schema !== 'object' || schema === null || !('type' in schema)) return [];
  const { type } = schema;
  return isList(type) ? type : [type];
}
