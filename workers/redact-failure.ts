import path from 'node:path';
import { CompleteAsyncError } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { postgresFailure } from '../activities/postgres-error.ts';
import { redactJson, redactText } from '../expectations/redact.ts';

/**
 * What an activity throws is kept in Temporal's history, shown in its UI and logged: of an error of Postgres only SQLSTATE
 * and constraint go on, wherever in the chain of causes it stands; from all else goes what looks like a card number, an
 * e-mail address or a phone number, out of message, details, stack and causes.
 */
export const redactFailure: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: async (input, next) => {
      try {
        return await next(input);
      } catch (error) {
        throw redactedFailure(error, info.activityType);
      }
    },
  },
});

/** Longer chains of causes are cut: who made them has made a circle. */
const MOST_CAUSES = 10;

/**
 * An error as it may leave.
 *
 * @param doing what was done when it was thrown: `publish`.
 * @returns a failure of the same type that Temporal treats the same; what only means that an activity goes on stays itself.
 */
export function redactedFailure(error: unknown, doing: string, depth = 0): unknown {
  if (error instanceof CompleteAsyncError || error instanceof CancelledFailure || isAbort(error))
    return error;
  if (!(error instanceof Error)) return ApplicationFailure.create({ message: 'what was thrown is no error' });
  const fromPostgres = postgresFailure(error, doing);
  if (fromPostgres !== null) return withStack(fromPostgres, error);
  const cause =
    depth < MOST_CAUSES && error.cause !== undefined
      ? redactedFailure(error.cause, doing, depth + 1)
      : undefined;
  return withStack(copied(error, cause instanceof Error ? cause : undefined), error);
}

/** The SDK knows a cancelled activity by it; its message is Node's own. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function copied(error: Error, cause: Error | undefined): Error {
  const message = safeMessage(error);
  if (error instanceof ApplicationFailure) {
    const { type, nonRetryable, details, nextRetryDelay, category } = error;
    return new ApplicationFailure(
      message,
      type,
      nonRetryable,
      details?.map((one) => redactJson(one)),
      cause,
      nextRetryDelay,
      category,
    );
  }
  if (error instanceof TemporalFailure) return error;
  return ApplicationFailure.create({ message, type: error.name, ...(cause === undefined ? {} : { cause }) });
}

/** JavaScript's own errors quote what could not be read: `Unexpected token 'J', "Jo Doe" is not valid JSON`. */
const QUOTING = ['SyntaxError', 'RangeError', 'TypeError', 'URIError'];

function safeMessage(error: Error): string {
  const { name, message } = error;
  if (name === 'SyntaxError') return 'What was read is not written as it has to be; its text is not told.';
  const code: unknown = Reflect.get(error, 'code');
  const file: unknown = Reflect.get(error, 'path');
  // The file may be a delivered one, whose name is as its source gave it.
  if (typeof code === 'string' && typeof file === 'string')
    return redactText(`${code}: ${String(Reflect.get(error, 'syscall'))} in ${path.dirname(file)}`);
  if (typeof code === 'string' && code.startsWith('ERR_')) return `${name} ${code}`;
  return redactText(QUOTING.includes(name) ? message.replace(/\s*["'`].*$/s, ' …') : message);
}

/** A stack begins with the message, which is another now; the places in our code stay. */
function withStack(failure: Error, { stack = '' }: Error): Error {
  const places = stack.split('\n').filter((line) => /^\s+at /.test(line));
  failure.stack = [`${failure.name}: ${failure.message}`, ...places.map(redactText)].join('\n');
  return failure;
}
