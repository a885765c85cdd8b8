import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactedFailure } from '../../workers/redact-failure.ts';

/** As node-postgres throws it: its message, detail and stack quote the row. */
function ofPostgres(): Error {
  const error = new Error('duplicate key value violates unique constraint "customers_key"');
  return Object.assign(error, {
    code: '23505',
    severity: 'ERROR',
    constraint: 'customers_key',
    detail: 'Key (email)=(CANARY) already exists.',
    stack: `error: Key (email)=(CANARY)\n    at Parser.parseErrorMessage (/srv/node_modules/pg-protocol/parser.js:285:98)`,
  });
}

/** All that is kept of a failure: what Temporal's converter reads, of it and of its causes. */
function whole(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  const details = failure instanceof ApplicationFailure ? failure.details : [];
  return (
    JSON.stringify([failure.message, failure.stack, details, Object.values(failure)]) + whole(failure.cause)
  );
}

describe('what an activity throws', () => {
  test('of an error of Postgres that nobody wrapped: SQLSTATE and constraint', () => {
    const failure = redactedFailure(ofPostgres(), 'publish');
    expect(failure).toMatchObject({
      type: 'PostgresError',
      nonRetryable: true,
      details: [{ sqlstate: '23505', constraint: 'customers_key' }],
    });
    expect(whole(failure)).not.toContain('CANARY');
    expect(whole(failure)).toContain('parser.js:285:98');
  });

  test('of one that is the cause of another', () => {
    const outer = new Error('cannot publish', { cause: new Error('because', { cause: ofPostgres() }) });
    const failure = redactedFailure(outer, 'publish');
    expect(whole(failure)).not.toContain('CANARY');
    expect(whole(failure)).toContain('SQLSTATE 23505, constraint customers_key');
  });

  test('of JavaScript’s own errors no text that could not be read', () => {
    for (const read of [
      () => JSON.parse('CANARY'),
      () => JSON.parse('{"name": "CANARY", }'),
      () => BigInt('CANARY'),
      () => decodeURIComponent('CANARY%'),
      () => Buffer.alloc(1, 'CANARY', 'CANARY' as BufferEncoding),
      () => new URL('CANARY'),
    ]) {
      let thrown: unknown;
      try {
        read();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(Error);
      expect(whole(redactedFailure(thrown, 'extract'))).not.toContain('CANARY');
    }
  });

  test('a failure of ours keeps what Temporal needs of it, and loses what looks personal', () => {
    const given = ApplicationFailure.create({
      type: 'LandingFolderMissing',
      message: 'no folder of jo@example.com',
      nonRetryable: true,
      nextRetryDelay: '3 seconds',
      category: ApplicationFailureCategory.BENIGN,
      details: [{ card: '4111 1111 1111 1111', rows: 12 }],
      cause: new Error('call +49 171 1234567'),
    });
    const failure = redactedFailure(given, 'extract');
    expect(failure).toMatchObject({
      type: 'LandingFolderMissing',
      message: 'no folder of [e-mail]',
      nonRetryable: true,
      nextRetryDelay: '3 seconds',
      category: ApplicationFailureCategory.BENIGN,
      details: [{ card: '[card]', rows: 12 }],
      cause: { message: 'call [phone]' },
    });
    expect(whole(failure)).not.toMatch(/jo@example|4111|1234567/);
  });

  test('what only ends an activity stays itself', () => {
    const cancelled = new CancelledFailure('CANCELLED');
    expect(redactedFailure(cancelled, 'gate')).toBe(cancelled);
    const aborted = new DOMException('This operation was aborted', 'AbortError');
    expect(redactedFailure(aborted, 'gate')).toBe(aborted);
  });

  test('anything at all comes out as a failure, a circle of causes too', () => {
    const circle = new Error('round');
    circle.cause = circle;
    expect(redactedFailure(circle, 'gate')).toBeInstanceOf(ApplicationFailure);
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(redactedFailure(thrown, 'gate')).toBeInstanceOf(Error);
      }),
    );
  });
});
