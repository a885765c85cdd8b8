import type { EvaluationError } from '../../expectations/judge.ts';
import { postgresFault } from '../postgres-error.ts';

/**
 * Why a gate as a whole cannot be checked, for a reason that lies in the data or the repository. It holds, and a
 * recheck may find it mended. Trouble of the infrastructure is another matter: that is thrown as it came, and retried.
 */
export class CannotGate extends Error {
  override readonly name = 'CannotGate';
}

/**
 * SQLSTATE classes that say nothing about the batch: connection, serialisation, resources, intervention, system,
 * internal. @see https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const INFRASTRUCTURE = /^(08|40|53|57P|58|XX)/;

const MEANINGS: Readonly<Record<string, string>> = {
  '22003': 'a number is out of range',
  '22007': 'a date or time cannot be read',
  '22P02': 'a value does not have the form of its type',
  '2201B': 'the regular expression is not valid',
  '42501': 'the validator may not read it',
  '42703': 'a column is not there',
  '42883': 'the types do not fit',
  '42P01': 'a relation is not there',
  '42601': 'the SQL is not valid',
  '57014': 'it took longer than the statement timeout',
};

/**
 * What an error of Postgres means for what was asked, or null when it is no answer about that at all and must be
 * thrown on. `reason` has no value of a row in it; `message` may.
 */
export function evaluationError(error: unknown): EvaluationError | null {
  const fault = postgresFault(error);
  if (fault === null || INFRASTRUCTURE.test(fault.sqlstate) || !(error instanceof Error)) return null;
  const meaning = MEANINGS[fault.sqlstate];
  const reason = `SQLSTATE ${fault.sqlstate}${meaning === undefined ? '' : `, ${meaning}`}`;
  return { reason, message: `${error.message} (SQLSTATE ${fault.sqlstate})` };
}

/**
 * Why a gate as a whole could not be checked, where that is an answer about the batch or the repository; null for
 * trouble of the infrastructure.
 */
export function uncheckedReason(error: unknown): string | null {
  if (error instanceof CannotGate) return error.message;
  const evaluation = evaluationError(error);
  return evaluation === null
    ? null
    : `what the gate reads cannot be read: ${evaluation.reason}. Mend it, then retryGate.`;
}
