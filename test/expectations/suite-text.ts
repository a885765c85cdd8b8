import { parseSuite } from '../../expectations/suite.ts';
import type { Suite } from '../../expectations/suite.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';

/** A suite of these expectations, as its file would say it. */
export function suiteText(expectations: readonly Json[], more: JsonObject = {}): string {
  return JSON.stringify({ name: 'test', expectations, ...more });
}

/** One expectation as a suite has it. */
export function expectation(type: string, kwargs: JsonObject, more: JsonObject = {}): JsonObject {
  return { type, kwargs, ...more };
}

/** A suite of these expectations, read. */
export function suiteOf(expectations: readonly Json[], more: JsonObject = {}): Suite {
  return parseSuite('test.json', suiteText(expectations, more));
}
