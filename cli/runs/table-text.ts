import { lineWidth, painted, widthOf, wordsOf, wrapped, type Paint, type Word } from './words.ts';

/** Between two columns. */
const GAP = '  ';

/** A row of more lines than this is hard to read from left to right. */
const HIGHEST = 4;

type Cell = readonly Word[];
type Row = readonly Cell[];

/** A line of a Markdown table that ends its head: `| --- | --- |`. */
export function isRule(line: string | undefined): boolean {
  return line !== undefined && /^\|(?: *:?-+:? *\|)+$/.test(line);
}

/**
 * A Markdown table as text: its columns aligned, cells wrapped where a terminal is narrow, and where it is too narrow
 * even for that, a few lines for each row. Code is never broken.
 *
 * @param lines its head, its rule, its rows.
 * @param width columns of the terminal; infinite in a pipe.
 */
export function tableText(lines: readonly string[], width: number, paint: Paint): readonly string[] {
  const [head = [], ...rows] = lines.filter((line) => !isRule(line)).map(cellsOf);
  const all = [head, ...rows];
  const columns = Array.from({ length: Math.max(...all.map(({ length }) => length)) }, (_, column) =>
    all.map((row) => row[column] ?? []),
  );
  const widths = fitted(columns, width);
  if (widths === null) return rows.flatMap((row) => rowInLines(head, row, width, paint));
  const bold = head.map((cell) =>
    cell.map((word) => word.map(({ text }) => ({ text, look: 'bold' as const }))),
  );
  const inColumns = [bold, ...rows].map((row) => rowInColumns(row, widths, paint));
  return inColumns.every(({ length }) => length <= HIGHEST)
    ? inColumns.flat()
    : rows.flatMap((row) => rowInLines(head, row, width, paint));
}

/** What stands between pipes; an escaped one is part of its cell. */
function cellsOf(line: string): Row {
  const parts = line.split(/(?<!\\)\|/).slice(1);
  // The last pipe may be gone with what was cut off.
  const cells = parts.at(-1)?.trim() === '' ? parts.slice(0, -1) : parts;
  return cells.map((cell) => wordsOf(cell.replaceAll('\\|', '|').trim()));
}

/** How wide each column is; null where not even their longest words stand side by side. */
function fitted(columns: readonly (readonly Cell[])[], width: number): readonly number[] | null {
  const wanted = columns.map((cells) => Math.max(0, ...cells.map(lineWidth)));
  const least = columns.map((cells) => Math.max(0, ...cells.flat().map(widthOf)));
  const room = width - GAP.length * (columns.length - 1);
  if (sum(wanted) <= room) return wanted;
  if (sum(least) > room) return null;
  const widths = [...least];
  for (let left = room - sum(least); left > 0; left -= 1) {
    // To the column whose cells would be broken into the most lines.
    const lines = widths.map((has, column) =>
      (wanted[column] ?? 0) > has ? (wanted[column] ?? 0) / has : 0,
    );
    const column = lines.indexOf(Math.max(...lines));
    widths[column] = (widths[column] ?? 0) + 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function rowInColumns(row: Row, widths: readonly number[], paint: Paint): readonly string[] {
  const cells = widths.map((width, column) => wrapped(row[column] ?? [], width));
  const height = Math.max(1, ...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, column) => painted(lines[line] ?? [], paint, widths[column]))
      .join(GAP)
      .trimEnd(),
  );
}

/** Its first cell as a heading, each other that says something behind the name of its column. */
function rowInLines(head: Row, [first = [], ...rest]: Row, width: number, paint: Paint): readonly string[] {
  const others = rest.flatMap((cell, index) => {
    if (cell.length === 0) return [];
    const name = head[index + 1] ?? [];
    const label = name.length === 0 ? '' : `${paint.dim(`${painted(name, { ...paint, bold: String })}:`)} `;
    const indent = '  ';
    const [start = [], ...more] = wrapped(cell, width - indent.length - 2 - Math.max(0, lineWidth(name)));
    return [
      `${indent}${label}${painted(start, paint)}`,
      ...more.map((words) => `${indent}${indent}${painted(words, paint)}`),
    ];
  });
  return [paint.bold(painted(first, { ...paint, bold: String, cyan: String })), ...others];
}
