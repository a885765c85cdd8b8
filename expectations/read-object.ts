import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Problems } from './problem.ts';
import { nearMiss } from './suggestion.ts';

/** The object under a key; none and null are an empty one. */
export function objectAt(json: JsonObject, key: string, problems: Problems): JsonObject {
  const value = json[key] ?? {};
  if (isObject(value)) return value;
  problems.at(key).add(`\`${key}\` is not an object`, 'an object');
  return {};
}

/** Refuses every key that is not known: a misspelt one would be a promise that nobody keeps. */
export function refuseUnknownKeys(json: JsonObject, known: readonly string[], problems: Problems): void {
  for (const key of Object.keys(json).filter((name) => !known.includes(name))) {
    problems.at(key).add(`\`${key}\` is not known here`, `one of ${known.join(', ')}`, nearMiss(key, known));
  }
}
