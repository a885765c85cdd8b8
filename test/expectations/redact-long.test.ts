import { expect, test } from 'vitest';
import { redactText } from '../../expectations/redact.ts';

// A quadratic search would take minutes for any of these.
test.each([
  '1',
  '1 ',
  '4 ',
  '4-',
  '4111-1111-1111-1112-',
  '0',
  '0171-',
  '+',
  '(+',
  '00 49 ',
  '@',
  'a@',
  'a.',
  '"@',
  '"',
  'a@b.',
  '@-.',
  '2026-11-22',
  'abcdef0123456789',
  '4.',
  'tel ',
  '%40',
  '\\u0034',
  '\u200b',
  '\u0664',
  '4\u200b',
  'ｅ＠',
  'f-',
  '0123-',
  '-by-hand-',
  'backfill-a',
  'phone number ',
])('%j again and again takes no longer than it is', (part) => {
  const text = part.repeat(Math.ceil(300_000 / part.length));
  expect(redactText(`${text}@`)).toEqual(expect.any(String));
  expect(redactText(`x@${text}`)).toEqual(expect.any(String));
});
