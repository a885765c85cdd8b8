import { aligned, figure, verdict } from '../gates/table.ts';

export const peer = 'Great Expectations';

/** What `--json` prints of each row. Lower is better. */
export interface Row {
  readonly name: string;
  /** Null where it was not, or could not be, measured. */
  readonly value: number | null;
  readonly unit: 's' | 'ms' | 'KB' | 'MB';
  /** Null where none was set. */
  readonly aim: number | null;
  readonly peers: Readonly<Record<string, number | null>>;
}

/** A page, and what was measured of it. */
export interface Figure {
  readonly page: string;
  readonly value: number;
}

/** What was measured; filled while the bench runs, so that a run that breaks off shows what it had. */
export interface Measured {
  /** Of the static site: seconds from the command's start to its end, pages, and bytes of each, gzipped. */
  site: { readonly seconds: number; readonly pages: number; readonly weights: readonly Figure[] } | null;
  /** Milliseconds until a page was there whole, when served: the median of its rounds. */
  served: readonly Figure[];
  /** Data docs: seconds and pages. */
  peer: { readonly seconds: number; readonly pages: number } | null;
  /** Evaluations of gates in the database. */
  evaluations: number | null;
  /** A sentence for each part that could not be set up, or broke. */
  readonly missing: string[];
}

export function nothingMeasured(): Measured {
  return { site: null, served: [], peer: null, evaluations: null, missing: [] };
}

/** The issue's rows with their aims, whatever was measured. */
export function rowsOf({ site, served, peer: other }: Measured): readonly Row[] {
  const heaviest = most(site?.weights ?? []);
  const all = site === null ? null : site.weights.reduce((sum, { value }) => sum + value, 0);
  const none = { peers: {} };
  return [
    { name: 'whole static site built', value: rounded(site?.seconds ?? null), unit: 's', aim: 20, ...none },
    {
      name: 'slowest page, served',
      value: rounded(most(served)?.value ?? null),
      unit: 'ms',
      aim: 300,
      ...none,
    },
    {
      name: 'heaviest page, gzipped',
      value: rounded(kilo(heaviest?.value ?? null)),
      unit: 'KB',
      aim: 60,
      ...none,
    },
    { name: 'whole site, gzipped', value: rounded(kilo(kilo(all))), unit: 'MB', aim: null, ...none },
    {
      name: 'a page of the static site',
      value: rounded(site === null ? null : (site.seconds / site.pages) * 1000),
      unit: 'ms',
      aim: null,
      peers: { [peer]: rounded(other === null ? null : (other.seconds / other.pages) * 1000) },
    },
  ];
}

/** The largest of them. */
export function most(figures: readonly Figure[]): Figure | null {
  return figures.toSorted((one, other) => other.value - one.value)[0] ?? null;
}

/** The bench as people read it: the rows, and which pages they are about. */
export function tableText(rows: readonly Row[], measured: Measured): string {
  const lines = [
    ['', 'Weir', 'unit', 'aim', '', peer],
    ...rows.map((row) => [
      row.name,
      figure(row.value, 1),
      row.unit,
      row.aim === null ? '' : String(row.aim),
      verdict(row),
      Object.hasOwn(row.peers, peer) ? figure(row.peers[peer], 1) : '',
    ]),
  ];
  const { site, served, peer: other, evaluations } = measured;
  const notes = [
    `${evaluations ?? 'no'} evaluations of gates; ${site?.pages ?? 'no'} pages built; ${other?.pages ?? 'no'} of ${peer}.`,
    `slowest, ms: ${namesOf(served, 1)}`,
    `heaviest, KB: ${namesOf(site?.weights ?? [], 1000)}`,
  ];
  return `${aligned(lines)}\n\n${notes.map((note) => `${note}\n`).join('')}`;
}

function namesOf(figures: readonly Figure[], per: number): string {
  const sorted = figures.toSorted((one, other) => other.value - one.value).slice(0, 5);
  return sorted.map(({ page, value }) => `${page} ${(value / per).toFixed(1)}`).join(', ');
}

function kilo(value: number | null): number | null {
  return value === null ? null : value / 1000;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100;
}
