/** Any JSON value, read-only. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object, read-only. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for an object that is neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for an array; `Array.isArray` alone would make its elements untyped. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * Parses JSON text; what it gives is checked by whoever asked. A whole number with more digits than a double has is
 * given as text, which Postgres reads without loss; so is what Python writes for a number that is not finite.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): Json {
  try {
    return parseStrict(text);
  } catch (error) {
    const mended = quoteNotFinite(text);
    if (mended === text) throw error;
    return parseStrict(mended);
  }
}

function parseStrict(text: string): Json {
  const value: Json = JSON.parse(text, keepDigits);
  return value;
}

/** Great Expectations saves a suite as Python writes JSON, where `Infinity` stands bare. */
function quoteNotFinite(text: string): string {
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/gs, (found) =>
    found.startsWith('"') ? found : `"${found}"`,
  );
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? source : value;
}

/**
 * Parses JSON text that Postgres made of values. A number that a double cannot hold to the last digit is given as text
 * of its digits: an amount beyond 2^53, or with more decimals than a double has.
 *
 * @throws SyntaxError
 */
export function parseExactJson(text: string): Json {
  const value: Json = JSON.parse(text, keepAllDigits);
  return value;
}

function keepAllDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number') return value;
  const { source = '' } = context ?? {};
  return digitsOf(source) === digitsOf(String(value)) ? value : source;
}

/** The digits of a number without sign, point, exponent and the zeros around them. */
function digitsOf(number: string): string {
  return number
    .replace(/e.*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+|0+$/g, '');
}

/** How deep objects and lists of JSON text stand in each other; read without recursion, before anything recurses. */
export function nestingOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') at = endOfText(text, at);
    else if (sign === '[' || sign === '{') depth += 1;
    else if (sign === ']' || sign === '}') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** A JSON pointer of its steps. @see https://www.rfc-editor.org/rfc/rfc6901 */
export function jsonPointer(...steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
