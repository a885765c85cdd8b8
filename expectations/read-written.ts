import { acceptsNumber, acceptsOnlyBoolean, acceptsOnlyText } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Json, JsonObject } from './json.ts';

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

const YES: readonly string[] = ['1', 'on', 't', 'true', 'y', 'yes'];
const NO: readonly string[] = ['0', 'off', 'f', 'false', 'n', 'no'];

/**
 * Arguments as Great Expectations reads them where they are written in another type than the one asked for.
 *
 * @param properties JSON Schema of each argument.
 */
export function readWritten(
  kwargs: JsonObject,
  properties: Readonly<Record<string, JsonSchema>>,
): JsonObject {
  const entries = Object.entries(kwargs).map(([name, value]): [string, Json] => [
    name,
    Object.hasOwn(properties, name) ? readValue(value, properties[name] ?? {}) : value,
  ]);
  return Object.fromEntries(entries);
}

/** Where a number is asked for, `"4"` is 4 and `true` is 1; so is 1 true and 5 "5". */
function readValue(value: Json, schema: JsonSchema): Json {
  if (acceptsNumber(schema)) {
    if (typeof value === 'boolean') return Number(value);
    return typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
  }
  if (acceptsOnlyBoolean(schema)) {
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    const text = String(value).toLowerCase();
    return YES.includes(text) || (!NO.includes(text) && value);
  }
  // A column is named by text alone; its schema asks for at least one character.
  const plain = acceptsOnlyText(schema) && !('minLength' in schema);
  return plain && typeof value === 'number' ? String(value) : value;
}
