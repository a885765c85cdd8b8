import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairRows } from '../../models/compare-rows.ts';
import type { TextRow } from '../../models/compare-rows.ts';

describe('pairRows', () => {
  test('by key, where it is compared', () => {
    const found = pairRows(
      [{ id: '1', a: 'x', b: 'y' }],
      [
        { id: '2', a: 'x', b: 'y' },
        { id: '1', a: 'z', b: null },
      ],
      ['id'],
    );
    expect(found).toEqual([
      {
        kind: 'differs',
        expected: { id: '1', a: 'x', b: 'y' },
        found: { id: '1', a: 'z', b: null },
        columns: ['a', 'b'],
      },
      { kind: 'unexpected', found: { id: '2', a: 'x', b: 'y' } },
    ]);
  });

  test('by what agrees, where it is not', () => {
    const found = pairRows(
      [
        { a: 'x', b: 'y' },
        { a: 'q', b: 'r' },
      ],
      [{ a: 'x', b: 'z' }],
      ['id'],
    );
    expect(found.map(({ kind }) => kind)).toEqual(['differs', 'missing']);
  });

  test('no row is lost or told twice', () => {
    const cell = fc.constantFrom('a', 'b', null);
    const rows = fc.array(fc.record({ id: cell, x: cell, y: cell }), { maxLength: 6 });
    fc.assert(
      fc.property(rows, rows, fc.constantFrom([], ['id']), (missing, unexpected, key) => {
        const differences = pairRows(missing, unexpected, key);
        const texts = (all: readonly TextRow[]) => all.map((row) => JSON.stringify(row)).toSorted();
        const expected = differences.flatMap((one) => ('expected' in one ? [one.expected] : []));
        const found = differences.flatMap((one) => ('found' in one ? [one.found] : []));
        expect(texts(expected)).toEqual(texts(missing));
        expect(texts(found)).toEqual(texts(unexpected));
      }),
    );
  });
});
