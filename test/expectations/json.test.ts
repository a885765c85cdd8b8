import { expect, test } from 'vitest';
import { nestingOf, parseJson } from '../../expectations/json.ts';

test('a whole number that a double has no room for keeps its digits, as text', () => {
  expect(parseJson('{"a": [9007199254740993, 2, -9007199254740993, 0.1, 1e3, 9007199254740991]}')).toEqual({
    a: ['9007199254740993', 2, '-9007199254740993', 0.1, 1000, 9_007_199_254_740_991],
  });
});

test.each([
  ['1', 0],
  ['[{"a": [1]}, []]', 3],
  ['["[[[", "\\"[[[", "\\\\", []]', 2],
  [`"${'a'.repeat(10_000_000)}"`, 0],
])('how deep JSON goes', (text, depth) => {
  expect(nestingOf(text)).toBe(depth);
});
