/** Edits (insert, delete, replace, swap two neighbours) between two words. */
function distance(a: string, b: string): number {
  let above: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (above[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [above, row] = [row, next];
  }
  return row[b.length] ?? a.length;
}

/**
 * The known name that was most likely meant, or null when none is near: at most a third of the word may differ.
 */
function nearestName(name: string, known: readonly string[]): string | null {
  if (name.length > 200) return null;
  let nearest: string | null = null;
  let fewest = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) [nearest, fewest] = [candidate, edits];
  }
  return nearest;
}

/** "Did you mean `x`?", or nothing when none is near. */
export function nearMiss(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === null ? '' : `Did you mean \`${nearest}\`?`;
}

/** "Did you mean `x`?", or the known names when none is near and they are few. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearMiss(name, known);
  if (near !== '') return near;
  if (known.length === 0) return '';
  return known.length <= 12 ? `Known: ${known.join(', ')}.` : '';
}
