import { isObject, nestingOf, parseJson } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { collectProblems, SuiteRefused } from './problem.ts';
import type { Problems, SuiteProblem } from './problem.ts';
import { objectAt, refuseUnknownKeys } from './read-object.ts';
import { parseExpectation } from './suite-expectation.ts';
import type { SuiteExpectation } from './suite-expectation.ts';
import { readSuiteWeir } from './weir-meta.ts';
import type { SuiteWeir } from './weir-meta.ts';

export { SuiteRefused } from './problem.ts';
export type { SuiteProblem } from './problem.ts';

/** The promises for one relation. */
export interface Suite {
  readonly file: string;
  readonly name: string;
  readonly id: string | null;
  readonly expectations: readonly SuiteExpectation[];
  /** Values of parameters that whoever runs the suite does not give. */
  readonly parameters: JsonObject;
  readonly meta: JsonObject;
  readonly notes: Json;
  /** What `meta.weir` says. */
  readonly weir: SuiteWeir;
  /** The file's text, for its hash. */
  readonly text: string;
}

const KEYS: readonly string[] = [
  'name',
  'id',
  'expectations',
  'suite_parameters',
  'meta',
  'notes',
  // The form before 1.0.
  'expectation_suite_name',
  'evaluation_parameters',
  'data_asset_type',
  'ge_cloud_id',
];

/** A hundred conditions, each inside the other, fit. */
const DEEPEST = 500;

/**
 * Reads a Great Expectations 1.x suite, or one of the form before.
 *
 * @param file as people find it: `expectations/suites/transactions.json`.
 * @throws SuiteRefused with every problem at once, each with file and JSON pointer.
 */
export function parseSuite(file: string, text: string): Suite {
  const found: SuiteProblem[] = [];
  const problems = collectProblems(file, found);
  const suite = readSuite(file, text, problems);
  if (suite === null || found.length > 0) throw new SuiteRefused(found);
  return suite;
}

function readSuite(file: string, text: string, problems: Problems): Suite | null {
  const json = readJson(text, problems);
  if (json === null) return null;
  refuseUnknownKeys(json, KEYS, problems);
  const name = json['name'] ?? json['expectation_suite_name'];
  if (typeof name !== 'string' || name === '') problems.at('name').add('the suite has no name', 'text');
  const list = json['expectations'];
  if (!Array.isArray(list)) problems.at('expectations').add('there is no list of expectations', 'a list');
  const written: readonly Json[] = Array.isArray(list) ? list : [];
  if (Array.isArray(list) && list.length === 0) {
    problems.at('expectations').add('the suite promises nothing', 'at least one expectation');
  }
  const expectations = written.flatMap((one, index) =>
    problems.areMany() ? [] : (parseExpectation(one, index, problems.at('expectations', index)) ?? []),
  );
  refuseSameIds(written, problems);
  const meta = objectAt(json, 'meta', problems);
  return {
    file,
    name: typeof name === 'string' ? name : '',
    id: typeof json['id'] === 'string' ? json['id'] : null,
    expectations,
    parameters: readDefaults(json, problems),
    meta,
    notes: json['notes'] ?? null,
    weir: readSuiteWeir(meta, problems.at('meta')),
    text,
  };
}

function readJson(text: string, problems: Problems): JsonObject | null {
  if (nestingOf(text) > DEEPEST) {
    problems.add('objects and lists stand too deep in each other', `at most ${DEEPEST} deep`);
    return null;
  }
  try {
    const json = parseJson(text);
    if (isObject(json)) return json;
    problems.add('the file holds no object', 'a Great Expectations suite');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    problems.add(`the file is not JSON: ${error.message}`, 'a Great Expectations suite as JSON');
  }
  return null;
}

function refuseSameIds(expectations: readonly Json[], problems: Problems): void {
  const first = new Map<string, number>();
  expectations.forEach((one, index) => {
    const id = isObject(one) ? one['id'] : null;
    if (typeof id !== 'string') return;
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, index);
    else
      problems
        .at('expectations', index, 'id')
        .add(`expectation ${earlier} has the same id`, 'an id of its own, or none');
  });
}

function readDefaults(json: JsonObject, problems: Problems): JsonObject {
  const key = 'suite_parameters' in json ? 'suite_parameters' : 'evaluation_parameters';
  const defaults = objectAt(json, key, problems);
  for (const [name, value] of Object.entries(defaults)) {
    if (isObject(value))
      problems.at(key, name).add('a parameter refers to another value', 'a plain value or a list');
  }
  return defaults;
}
