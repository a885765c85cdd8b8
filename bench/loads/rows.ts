import { ratio } from '../gates/ratios.ts';
import type { Round } from '../gates/ratios.ts';
import { sizeName, usualSizes } from './options.ts';
import type { Sizes } from './options.ts';

/** What `--json` prints of each row. Lower is better. */
export interface Row {
  readonly name: string;
  /** Null where it was not, or could not be, measured. */
  readonly value: number | null;
  readonly unit: 'ratio' | 's' | 'ms';
  /** What the value must not exceed; null for sizes that the aims are not about. */
  readonly aim: number | null;
  /** The same figure of the others, by tool. */
  readonly peers: Readonly<Record<string, number | null>>;
}

export const weir = 'Weir';
export const handWritten = 'hand-written';
export const dbt = 'dbt';

/** Who loads in the rounds, in the order of the table. */
export const contestants = [weir, handWritten, dbt] as const;

/** The two models of an hour. */
export const models = ['stg', 'fct'] as const;

/** The name of one figure of a round: who loaded what over a base of so many rows. */
export function figureOf(who: string, model: (typeof models)[number], size: string): string {
  return `${size}, ${model} hour: ${who}`;
}

/** What was measured; filled while the bench runs, so that a run that breaks off shows what it had. */
export interface Measured {
  readonly rounds: Round[];
  /** Seconds; null where it was not measured. */
  peak: number | null;
  peakLanding: number | null;
  /** 95th percentiles in milliseconds. */
  reading: { readonly inventory: number; readonly month: number } | null;
  /** A sentence for each part that could not be set up, or broke. */
  readonly missing: string[];
}

/** The rows with their aims, whatever was measured; then the same of other sizes, which have none. */
export function rowsOf(measured: Measured, sizes: Sizes): readonly Row[] {
  if (isUsual(sizes)) return rowsAt(measured, sizes);
  const nothing: Measured = { rounds: [], peak: null, peakLanding: null, reading: null, missing: [] };
  const others = rowsAt(measured, sizes).map((row) => ({ ...row, aim: null }));
  return [...rowsAt(nothing, usualSizes), ...others];
}

function isUsual(sizes: Sizes): boolean {
  const { small, large, hour, peak } = usualSizes;
  return sizes.small === small && sizes.large === large && sizes.hour === hour && sizes.peak === peak;
}

function rowsAt({ rounds, peak, reading }: Measured, sizes: Sizes): readonly Row[] {
  const [small, large] = [sizeName(sizes.small), sizeName(sizes.large)];
  const over = (model: (typeof models)[number], who: string, aim: number): Row => ({
    name: `${large}, ${model} hour: ${weir} / ${who}`,
    value: rounded(ratio(rounds, figureOf(weir, model, large), figureOf(who, model, large))),
    unit: 'ratio',
    aim,
    peers:
      who === dbt
        ? {}
        : { [dbt]: rounded(ratio(rounds, figureOf(dbt, model, large), figureOf(who, model, large))) },
  });
  const plain = (name: string, value: number | null | undefined, unit: 's' | 'ms', aim: number): Row => ({
    ...{ name, value: rounded(value ?? null), unit, aim, peers: {} },
  });
  return [
    ...models.map((model) => over(model, handWritten, 1.25)),
    ...models.map((model) => over(model, dbt, 0.6)),
    {
      name: `stg hour: ${weir} at ${large} / at ${small}`,
      value: rounded(ratio(rounds, figureOf(weir, 'stg', large), figureOf(weir, 'stg', small))),
      unit: 'ratio',
      aim: 1.3,
      peers: {},
    },
    plain(`${large}, peak hour of ${sizeName(sizes.peak)}: ${weir}`, peak, 's', 240),
    plain(`${large}, 200 clients beside loads: a store's inventory, p95`, reading?.inventory, 'ms', 50),
    plain(`${large}, 200 clients beside loads: a month by region, p95`, reading?.month, 'ms', 800),
  ];
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
