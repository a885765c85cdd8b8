/** A row as text, by column; null where it is NULL. */
export type TextRow = Readonly<Record<string, string | null>>;

/** One way in which what was found differs from what was expected. */
export type Difference =
  | { readonly kind: 'missing'; readonly expected: TextRow }
  | { readonly kind: 'unexpected'; readonly found: TextRow }
  | {
      readonly kind: 'differs';
      readonly expected: TextRow;
      readonly found: TextRow;
      /** The columns in which they do, of those compared. */
      readonly columns: readonly string[];
    };

/**
 * Pairs expected rows that are not there with rows that are there and not expected, so that a wrong cell reads as one:
 * by key where all of it is compared, else by how many columns agree, at least half of them.
 *
 * @param missing expected and not found. @param unexpected found and not expected; both name the same columns.
 */
export function pairRows(
  missing: readonly TextRow[],
  unexpected: readonly TextRow[],
  key: readonly string[],
): readonly Difference[] {
  const left = [...unexpected];
  const differences = missing.map((expected): Difference => {
    const at = partnerOf(expected, left, key);
    const [found] = at < 0 ? [] : left.splice(at, 1);
    if (found === undefined) return { kind: 'missing', expected };
    return { kind: 'differs', expected, found, columns: differing(expected, found) };
  });
  return [...differences, ...left.map((found): Difference => ({ kind: 'unexpected', found }))];
}

function differing(expected: TextRow, found: TextRow): readonly string[] {
  return Object.keys(expected).filter((column) => expected[column] !== found[column]);
}

function partnerOf(expected: TextRow, rows: readonly TextRow[], key: readonly string[]): number {
  if (key.length > 0 && key.every((column) => column in expected))
    return rows.findIndex((row) => key.every((column) => row[column] === expected[column]));
  const columns = Object.keys(expected).length;
  const wrong = rows.map((row) => differing(expected, row).length);
  const fewest = Math.min(...wrong);
  return fewest * 2 <= columns ? wrong.indexOf(fewest) : -1;
}
