/** A line of two texts: in both, only in the one before, only in the one after. */
export interface DiffLine {
  readonly side: ' ' | '-' | '+';
  readonly text: string;
}

/**
 * How one text became another, line by line: the longest common sequence of lines stays.
 *
 * Takes time and memory by the product of their lengths, so it is for what people write by hand.
 */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const common = commonLengths(a, b);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push({ side: ' ', text: left });
      [i, j] = [i + 1, j + 1];
    } else if (left !== undefined && (right === undefined || at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push({ side: '-', text: left });
      i += 1;
    } else {
      lines.push({ side: '+', text: right ?? '' });
      j += 1;
    }
  }
  return lines;
}

/** Only what differs, with lines that stay around it; `null` stands where lines are left out. */
export function withContext(lines: readonly DiffLine[], around: number): readonly (DiffLine | null)[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ side }) => side !== ' '),
  );
  return lines.flatMap((line, at) => {
    if (near[at] === true) return [line];
    return near[at - 1] === true && near.includes(true, at) ? [null] : [];
  });
}

/** By places in both: the length of the longest sequence that what follows has in common. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly (readonly number[])[] {
  const rows: number[][] = [];
  let below: readonly number[] = b.map(() => 0);
  for (const text of a.toReversed()) {
    const row: number[] = [];
    for (let j = b.length - 1; j >= 0; j -= 1) {
      row[j] = text === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
    rows.unshift(row);
    below = row;
  }
  return rows;
}

function at(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
