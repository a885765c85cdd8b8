import { ApplicationFailure } from '@temporalio/workflow';
import type { ChoreName } from '../activities/housekeeping.ts';

/** What a person or a schedule may ask of a housekeeping. Every field is optional. */
export interface HousekeepingInput {
  /** Look and tell, and change nothing. */
  readonly dryRun?: boolean;
  /** Only these chores, such as `["retention"]`; in their usual order. */
  readonly chores?: readonly string[];
}

/** The chores in the order they are done: what waits in quarantine is looked through before what it keeps. */
export const CHORES: Readonly<Record<ChoreName, string>> = {
  partitions: 'make the next days’ partitions',
  books: 'take expired results and quarantined rows',
  retention: 'take what is beyond its retention',
  oldImages: 'take old images that everybody has read',
  leases: 'free leases of runs that have ended',
  candidates: 'drop candidates that nothing will publish',
  statistics: 'gather statistics that are out of date',
  transactions: 'look for long transactions',
};

const FIELDS: readonly string[] = ['dryRun', 'chores'];

/**
 * Checks the input as a whole.
 *
 * @param known the chores, by name.
 * @throws ApplicationFailure `InvalidInput` (final), saying what was expected.
 */
export function readHousekeepingInput<Name extends string>(
  input: unknown,
  known: Readonly<Record<Name, unknown>>,
): { readonly dryRun: boolean; readonly chores: readonly Name[] } {
  const names = Object.keys(known).filter((name): name is Name => name in known);
  if (input === undefined || input === null) return { dryRun: false, chores: names };
  if (typeof input !== 'object' || Array.isArray(input))
    throw invalid('the input is no object', 'give one JSON object, for example {}');
  const fields: Readonly<Record<string, unknown>> = { ...input };
  const unknown = Object.keys(fields).filter((name) => !FIELDS.includes(name));
  if (unknown.length > 0)
    throw invalid(
      `unknown field ${unknown.join(', ')}`,
      `the fields are ${FIELDS.join(', ')}, both optional`,
    );
  const { dryRun = false, chores = names } = fields;
  if (typeof dryRun !== 'boolean') throw invalid(`dryRun is ${JSON.stringify(dryRun)}`, 'give true or false');
  const asked: readonly unknown[] = Array.isArray(chores) ? chores : [];
  if (asked.length === 0 || !asked.every((name) => names.some((one) => one === name)))
    throw invalid(`chores is ${JSON.stringify(chores)}`, `list some of ${names.join(', ')}, or leave it out`);
  return { dryRun, chores: names.filter((name) => asked.includes(name)) };
}

function invalid(problem: string, mend: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `The input of the housekeeping cannot be used: ${problem}; ${mend}.`,
    'InvalidInput',
  );
}
