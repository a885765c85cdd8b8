import type { ExpectationType } from './define-expectation.ts';
import { isList } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { onFailures } from './on-failure.ts';
import type { FailureRule, OnFailure } from './on-failure.ts';
import type { Problems } from './problem.ts';
import { objectAt, refuseUnknownKeys } from './read-object.ts';
import { didYouMean } from './suggestion.ts';

/** What a suite's `meta.weir` says; null where it says nothing. Great Expectations leaves `meta` to whoever writes it. */
export interface SuiteWeir extends FailureRule {
  /** Who answers for it. */
  readonly owner: string | null;
  /** What to do when it fails: a path in the repository or an address. */
  readonly runbook: string | null;
  /** False: nothing counts as proved, everything is measured. */
  readonly proofs: boolean | null;
}

/** What an expectation's `meta.weir` says; null where it says nothing. */
export interface ExpectationWeir extends FailureRule {
  readonly proofs: boolean | null;
  /** Columns that give the rows their order, where the promise needs one. */
  readonly orderBy: readonly string[] | null;
}

const SUITE_KEYS: readonly string[] = ['owner', 'runbook', 'on_failure', 'quarantine_share', 'proofs'];
const EXPECTATION_KEYS: readonly string[] = ['on_failure', 'quarantine_share', 'proofs', 'order_by'];

/** Reads `weir` of a suite's `meta`. What is not known or has a wrong value is refused. */
export function readSuiteWeir(meta: JsonObject, problems: Problems): SuiteWeir {
  const weir = objectAt(meta, 'weir', problems);
  const at = problems.at('weir');
  refuseUnknownKeys(weir, SUITE_KEYS, at);
  return {
    owner: readText(weir, 'owner', at),
    runbook: readText(weir, 'runbook', at),
    ...readRule(weir, at),
    proofs: readFlag(weir, 'proofs', at),
  };
}

/**
 * Reads `weir` of an expectation's `meta`.
 *
 * @param kind null where its type is not known, which is refused elsewhere.
 */
export function readExpectationWeir(
  kind: ExpectationType | null,
  meta: JsonObject,
  problems: Problems,
): ExpectationWeir {
  const weir = objectAt(meta, 'weir', problems);
  const at = problems.at('weir');
  refuseUnknownKeys(weir, EXPECTATION_KEYS, at);
  const rule = readRule(weir, at);
  if (kind !== null && !kind.rowLevel && rule.onFailure === 'quarantine') {
    at.at('on_failure').add(
      `${kind.type} is about the table as a whole: it has no failing rows to quarantine`,
      'hold or continue',
    );
  }
  return { ...rule, proofs: readFlag(weir, 'proofs', at), orderBy: readColumns(weir, 'order_by', at) };
}

function readRule(weir: JsonObject, problems: Problems): FailureRule {
  return { onFailure: readOnFailure(weir, problems), quarantineShare: readShare(weir, problems) };
}

function readOnFailure(weir: JsonObject, problems: Problems): OnFailure | null {
  const value = weir['on_failure'] ?? null;
  const known = onFailures.find((one) => one === value);
  if (value === null || known !== undefined) return known ?? null;
  const hint = typeof value === 'string' ? didYouMean(value, onFailures) : '';
  const problem = `there is no on_failure ${JSON.stringify(value)}`;
  problems.at('on_failure').add(problem, `one of ${onFailures.join(', ')}`, hint);
  return null;
}

function readShare(weir: JsonObject, problems: Problems): number | null {
  const value = weir['quarantine_share'] ?? null;
  if (value === null || (typeof value === 'number' && value >= 0 && value <= 1)) return value;
  problems
    .at('quarantine_share')
    .add(
      '`quarantine_share` is no share',
      'a number from 0 to 1',
      'One row in a hundred is 0.01: a share of the batch, not a percentage.',
    );
  return null;
}

function readFlag(weir: JsonObject, key: string, problems: Problems): boolean | null {
  const value = weir[key] ?? null;
  if (value === null || typeof value === 'boolean') return value;
  problems.at(key).add(`\`${key}\` is neither true nor false`, 'true or false');
  return null;
}

function readText(weir: JsonObject, key: string, problems: Problems): string | null {
  const value = weir[key] ?? null;
  if (value === null || (typeof value === 'string' && value.trim() !== '')) return value;
  problems.at(key).add(`\`${key}\` is not text`, 'text');
  return null;
}

function readColumns(weir: JsonObject, key: string, problems: Problems): readonly string[] | null {
  const value: Json = weir[key] ?? null;
  if (value === null) return null;
  const names = isList(value) ? value.filter((name) => typeof name === 'string' && name !== '') : [];
  if (isList(value) && names.length === value.length && names.length > 0)
    return names.filter((name) => typeof name === 'string');
  problems.at(key).add(`\`${key}\` is not a list of columns`, 'a list of names of columns, at least one');
  return null;
}
