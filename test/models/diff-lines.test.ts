import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffLines, withContext } from '../../models/diff-lines.ts';

function shown(before: string, after: string): readonly string[] {
  return diffLines(before, after).map(({ side, text }) => `${side}${text}`);
}

describe('diffLines', () => {
  test('keeps what both have in common', () => {
    expect(shown('a\nb\nc', 'a\nx\nc\nd')).toEqual([' a', '-b', '+x', ' c', '+d']);
  });

  test('whatever the texts: either is what its side and the common lines say, and no common line is told apart', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 8 })
      .map((all) => all.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        const side = (one: string): string =>
          lines
            .filter((line) => line.side === ' ' || line.side === one)
            .map((line) => line.text)
            .join('\n');
        expect(side('-')).toBe(before);
        expect(side('+')).toBe(after);
        if (before === after) expect(lines.every((line) => line.side === ' ')).toBe(true);
      }),
    );
  });

  test('shows what stands around a change, and that lines are left out between two', () => {
    const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].join('\n');
    const after = before.replace('a', 'A').replace('g', 'G');
    const lines = withContext(diffLines(before, after), 1).map((line) =>
      line === null ? '…' : line.side + line.text,
    );
    expect(lines).toEqual(['-a', '+A', ' b', '…', ' f', '-g', '+G']);
  });
});
