import { expect, test } from 'vitest';
import { faultText } from '../../catalogue/serve/fault.ts';

/** As pg throws it. */
function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, severity: 'ERROR' });
}

test('what Postgres says of a row is told to nobody, whoever runs the catalogue included', () => {
  const text = faultText(refusal('22P02', 'invalid input syntax for type integer: "jane of 4111"'));
  expect(text).toContain('SQLSTATE 22P02');
  expect(text).not.toContain('jane');
});

test('what the catalogue says itself is told, redacted', () => {
  expect(faultText(new Error('no page of jane@example.com'))).toBe('no page of [e-mail]');
});
