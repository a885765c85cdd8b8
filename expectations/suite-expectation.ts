import { isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { ExpectationType } from './define-expectation.ts';
import { isParameter, parseParameters } from './parameter-use.ts';
import type { ParameterUse } from './parameter-use.ts';
import type { Problems } from './problem.ts';
import { parseRowCondition } from './read-condition.ts';
import { objectAt, refuseUnknownKeys } from './read-object.ts';
import { expectationTypes } from './registry.gen.ts';
import type { RowCondition } from './row-condition.ts';
import { didYouMean } from './suggestion.ts';
import type { Severity } from './verdict.ts';
import { readExpectationWeir } from './weir-meta.ts';
import type { ExpectationWeir } from './weir-meta.ts';

/** One promise of a suite. */
export interface SuiteExpectation {
  /** Place in the suite, from 0. */
  readonly index: number;
  readonly kind: ExpectationType;
  /** As written, parameters not yet in place. */
  readonly kwargs: JsonObject;
  readonly uses: readonly ParameterUse[];
  /** Rows it is asked of; null for all. */
  readonly condition: RowCondition | null;
  readonly severity: Severity;
  /** What `meta.weir` says. */
  readonly weir: ExpectationWeir;
  readonly meta: JsonObject;
  readonly notes: Json;
  readonly description: string | null;
  readonly id: string | null;
  /** What adds it, in words, where that is not the suite's file; null for what the file says. */
  readonly origin: string | null;
}

const KEYS: readonly string[] = [
  'type',
  'kwargs',
  'severity',
  'meta',
  'notes',
  'description',
  'id',
  'rendered_content',
  // Written by Great Expectations and read by nobody here; the last three are of the form before 1.0.
  'expectation_context',
  'windows',
  'expectation_type',
  'success_on_last_run',
  'ge_cloud_id',
];
const SEVERITIES: readonly Severity[] = ['critical', 'warning', 'info'];

/** The kinds of promises by name, as a map: an object would also know `constructor`. */
const types: ReadonlyMap<string, ExpectationType> = new Map(Object.entries(expectationTypes));

/** Names of the kinds of promises there are. */
const expectationNames: readonly string[] = [...types.keys()];

/** Reads one expectation; null when its type is not known, with the reason in `problems`. */
export function parseExpectation(json: Json, index: number, problems: Problems): SuiteExpectation | null {
  if (!isObject(json)) {
    problems.add('an expectation is not an object', '{"type": …, "kwargs": …}');
    return null;
  }
  refuseUnknownKeys(json, KEYS, problems);
  const kind = readType(json, problems);
  const kwargs = objectAt(json, 'kwargs', problems);
  const severity = readSeverity(json, problems);
  const meta = objectAt(json, 'meta', problems);
  const weir = readExpectationWeir(kind, meta, problems.at('meta'));
  if (kind === null) return null;
  return {
    index,
    kind,
    kwargs,
    uses: readArguments(kind, kwargs, problems.at('kwargs')),
    condition: readRows(kind, kwargs, problems.at('kwargs', 'row_condition')),
    severity,
    weir,
    meta,
    notes: json['notes'] ?? null,
    description: typeof json['description'] === 'string' ? json['description'] : null,
    id: typeof json['id'] === 'string' ? json['id'] : null,
    origin: null,
  };
}

function readType(json: JsonObject, problems: Problems): ExpectationType | null {
  const key = 'type' in json ? 'type' : 'expectation_type' in json ? 'expectation_type' : 'type';
  const type = json[key];
  if (typeof type !== 'string') {
    problems
      .at(key)
      .add(
        'the expectation has no type',
        'the name of a type',
        'Such as expect_column_values_to_not_be_null.',
      );
    return null;
  }
  const kind = types.get(type) ?? null;
  if (kind === null) {
    const hint = didYouMean(type, expectationNames);
    problems
      .at(key)
      .add(`there is no expectation type \`${type}\``, 'a type of the catalogue, in snake case', hint);
  }
  return kind;
}

/** Critical where nothing is said, as in Great Expectations. */
function readSeverity(json: JsonObject, problems: Problems): Severity {
  if (!('severity' in json)) return 'critical';
  const severity = SEVERITIES.find((known) => known === json['severity']);
  if (severity !== undefined) return severity;
  const written = JSON.stringify(json['severity']);
  problems.at('severity').add(`there is no severity ${written}`, `one of ${SEVERITIES.join(', ')}`);
  return 'critical';
}

function readArguments(
  kind: ExpectationType,
  kwargs: JsonObject,
  problems: Problems,
): readonly ParameterUse[] {
  // Only where it is no more than a fact of the table, a list of columns may come with the run.
  const uses = parseParameters(kwargs, problems, 'mostly' in kind.properties ? ['column_list'] : []);
  const unknownYet = new Set(uses.map(({ argument }) => argument));
  const known = Object.keys(kind.properties);
  for (const { pointer, problem, expected, property } of kind.problems(kwargs, unknownYet)) {
    const hint = property === null || known.includes(property) ? '' : didYouMean(property, known);
    problems.under(pointer).add(problem, expected, hint);
  }
  return uses;
}

/** A parameter and an unknown argument are refused with the other arguments. */
function readRows(kind: ExpectationType, kwargs: JsonObject, problems: Problems): RowCondition | null {
  const { row_condition: written = null, condition_parser: parser = null } = kwargs;
  if (written === null || isParameter(written) || !('row_condition' in kind.properties)) return null;
  return parseRowCondition(written, parser, problems);
}
