import { expect, test } from 'vitest';
import { evaluationError } from '../../../activities/gate/fault.ts';

function postgresError(code: string): Error {
  return Object.assign(new Error('invalid input syntax for type uuid: "S9"'), { code, severity: 'ERROR' });
}

test.each([
  ['22P02', 'SQLSTATE 22P02, a value does not have the form of its type'],
  ['57014', 'SQLSTATE 57014, it took longer than the statement timeout'],
  ['42883', 'SQLSTATE 42883, the types do not fit'],
  ['22012', 'SQLSTATE 22012'],
])('%s says something about the batch, without a value', (code, reason) => {
  const found = evaluationError(postgresError(code));
  expect(found?.reason).toBe(reason);
  expect(found?.message).toContain('S9');
});

test.each(['08006', '57P01', '53300', '40001', '58030', 'XX001'])(
  '%s says nothing about the batch: it is thrown on and retried',
  (code) => {
    expect(evaluationError(postgresError(code))).toBeNull();
  },
);

test('nor does an error that is not Postgres’s', () => {
  expect(evaluationError(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))).toBeNull();
  expect(evaluationError(new TypeError('a slip'))).toBeNull();
});
