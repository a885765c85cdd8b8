import { expect, test } from 'vitest';
import { parseJson } from '../../expectations/json.ts';

test('a whole number that a double has no room for keeps its digits, as text', () => {
  expect(parseJson('{"a": [9007199254740993, 2, -9007199254740993, 0.1, 1e3, 9007199254740991]}')).toEqual({
    a: ['9007199254740993', 2, '-9007199254740993', 0.1, 1000, 9_007_199_254_740_991],
  });
});
