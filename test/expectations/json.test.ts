import { expect, test } from 'vitest';
import { nestingOf, parseExactJson, parseJson } from '../../expectations/json.ts';

test('a whole number that a double has no room for keeps its digits, as text', () => {
  expect(parseJson('{"a": [9007199254740993, 2, -9007199254740993, 0.1, 1e3, 9007199254740991]}')).toEqual({
    a: ['9007199254740993', 2, '-9007199254740993', 0.1, 1000, 9_007_199_254_740_991],
  });
});

test('what Python writes for a number that is not finite is text, and such words in text stay', () => {
  const text = '{"min_value": -Infinity, "max_value": Infinity, "a": [NaN], "b": "NaN \\" Infinity"}';
  expect(parseJson(text)).toEqual({
    min_value: '-Infinity',
    max_value: 'Infinity',
    a: ['NaN'],
    b: 'NaN " Infinity',
  });
  expect(() => parseJson('{"a": Infinit}')).toThrow(SyntaxError);
  expect(() => parseJson('{"a": NaN')).toThrow(SyntaxError);
});

test.each([
  ['9007199254740993', '9007199254740993'],
  ['9007199254740992', 9_007_199_254_740_992],
  ['12345678901234567890.5', '12345678901234567890.5'],
  ['0.1000', 0.1],
  ['-1.50e2', -150],
  ['0.30000000000000004', 0.300_000_000_000_000_04],
  ['0.3333333333333333333333', '0.3333333333333333333333'],
  [`1${'0'.repeat(300)}`, 1e300],
  ['0', 0],
  ['-0.0', -0],
])('%s of Postgres is %s: a number where a double has all its digits, else text', (text, value) => {
  expect(parseExactJson(`{"v": ${text}}`)).toEqual({ v: value });
});

test.each([
  ['1', 0],
  ['[{"a": [1]}, []]', 3],
  ['["[[[", "\\"[[[", "\\\\", []]', 2],
  [`"${'a'.repeat(10_000_000)}"`, 0],
])('how deep JSON goes', (text, depth) => {
  expect(nestingOf(text)).toBe(depth);
});
