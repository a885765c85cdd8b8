import { aligned, figure, verdict } from '../gates/table.ts';
import { median } from '../gates/ratios.ts';

/** What `--json` prints of each row. Lower is better; nobody else is measured. */
export interface Row {
  readonly name: string;
  /** Null where it was not, or could not be, measured. */
  readonly value: number | null;
  readonly unit: 's';
  readonly aim: number;
  readonly peers: Readonly<Record<string, number | null>>;
}

/** What was measured; filled while the bench runs, so that a run that breaks off shows what it had. Seconds each. */
export interface Measured {
  /** From a gate's verdict until its incident is open. */
  readonly verdicts: number[];
  /** From a bad file landed until its incident is open. */
  readonly files: { readonly second: number; readonly seconds: number }[];
  /** A sentence for each part that could not be set up, or broke. */
  readonly missing: string[];
}

/** The issue's rows with their aims, whatever was measured: the 99th percentile of all gates, the slowest of all files. */
export function rowsOf({ verdicts, files }: Measured): readonly Row[] {
  const slowest = files.length === 0 ? null : Math.max(...files.map(({ seconds }) => seconds));
  return [
    { name: 'verdict to incident open, p99', value: rounded(percentile(verdicts, 0.99)), ...common(2) },
    {
      name: 'bad file landed under the one-minute schedule to incident open',
      value: rounded(slowest),
      ...common(75),
    },
  ];
}

function common(aim: number): Pick<Row, 'unit' | 'aim' | 'peers'> {
  return { unit: 's', aim, peers: {} };
}

/** The nearest rank: of 110 values the 109th is the 99th percentile. Null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

/** The bench as people read it: the rows, and of what they are made. A ratio is of the aim. */
export function tableText(rows: readonly Row[], { verdicts, files }: Measured): string {
  const lines = [
    ['', 'Weir', 'unit', 'aim', 'of the aim', ''],
    ...rows.map((row) => [
      row.name,
      figure(row.value, 2),
      row.unit,
      String(row.aim),
      row.value === null ? '–' : (row.value / row.aim).toFixed(2),
      verdict(row),
    ]),
  ];
  const ofFiles = files
    .toSorted((one, other) => one.second - other.second)
    .map(({ second, seconds }) => `:${String(second).padStart(2, '0')} ${seconds.toFixed(1)}`);
  const notes = [
    `${verdicts.length} gates: median ${figure(median(verdicts), 2)} s, slowest ${figure(percentile(verdicts, 1), 2)} s.`,
    `${files.length} files, by the second of the minute they landed at, s: ${ofFiles.join(', ')}.`,
  ];
  return `${aligned(lines)}\n\n${notes.map((note) => `${note}\n`).join('')}`;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
