import { median } from '../gates/ratios.ts';
import { usualHours } from './options.ts';

/** What `--json` prints of each row. Lower is better. */
export interface Row {
  readonly name: string;
  /** Null where it was not, or could not be, measured. */
  readonly value: number | null;
  readonly unit: 's' | 'MB' | 'ms';
  /** What the value must not exceed; null for sizes that the aims are not about. */
  readonly aim: number | null;
  /** The same figure of the others, by tool; null where it was not measured. */
  readonly peers: Readonly<Record<string, number | null>>;
}

/** Others who are measured, in the order of the table. */
export const peerNames = ['Temporal bare', 'Airflow', 'Dagster', 'Prefect'] as const;

export type PeerName = (typeof peerNames)[number];

/** The figures that everybody has. Seconds, and megabytes of PSS. */
export const figures = ['tenSteps', 'twentyRuns', 'ready', 'idle'] as const;

export type Figure = (typeof figures)[number];

/** Figures as they were measured, once or often: a row has the median. */
export type Figures = Partial<Record<Figure, readonly number[]>>;

/** What was measured; filled while the bench runs, so that a run that breaks off shows what it had. */
export interface Measured {
  readonly weir: Figures;
  readonly peers: Map<PeerName, Figures>;
  /** Milliseconds an hour of the backfill; null where it was not measured. */
  backfill: { readonly hours: number; readonly milliseconds: number } | null;
  /** What else is worth knowing, a sentence each. */
  readonly notes: string[];
  /** A sentence for each part that could not be set up, or broke. */
  readonly missing: string[];
}

const aims: Readonly<
  Record<Figure, { readonly name: string; readonly unit: 's' | 'MB'; readonly aim: number }>
> = {
  tenSteps: { name: 'a run of ten steps', unit: 's', aim: 0.4 },
  twentyRuns: { name: '20 runs of ten steps at once', unit: 's', aim: 4 },
  ready: { name: 'ready when installed', unit: 's', aim: 8 },
  idle: { name: 'idle memory: Postgres, Temporal and a worker', unit: 'MB', aim: 600 },
};

/** The rows with their aims, whatever was measured. A backfill of other lengths has a row of its own, without. */
export function rowsOf({ weir, peers, backfill }: Measured): readonly Row[] {
  const common = figures.map((figure) => ({
    ...aims[figure],
    value: rounded(middle(weir[figure])),
    peers: Object.fromEntries(peerNames.map((name) => [name, rounded(middle(peers.get(name)?.[figure]))])),
  }));
  const usual = backfill?.hours === usualHours ? backfill.milliseconds : null;
  const others =
    backfill === null || usual !== null ? [] : [hourRow(backfill.hours, backfill.milliseconds, null)];
  return [...common, hourRow(usualHours, usual, 60), ...others];
}

function hourRow(hours: number, milliseconds: number | null, aim: number | null): Row {
  const name = `an empty hour of a backfill of ${hours.toLocaleString('en-US')}, 20 wide, over four restarts`;
  return { name, value: rounded(milliseconds), unit: 'ms', aim, peers: {} };
}

function middle(values: readonly number[] | undefined): number | null {
  return median(values ?? []);
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
