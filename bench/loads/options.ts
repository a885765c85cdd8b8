import { parseArgs } from 'node:util';
import { readParts } from '../arguments.ts';

/** How many rows there are of what. */
export interface Sizes {
  /** Bronze and silver before the hour: the smaller of two databases, and the larger. */
  readonly small: number;
  readonly large: number;
  /** New rows of an ordinary hour, and of a peak hour. */
  readonly hour: number;
  readonly peak: number;
}

/** What to measure. */
export interface LoadBenchOptions {
  readonly sizes: Sizes;
  /** Rounds that count. */
  readonly rounds: number;
  /** How long the readers read, in seconds. */
  readonly readingSeconds: number;
  readonly parts: ReadonlySet<Part>;
  readonly json: boolean;
  /** Leaves the databases for the next run. */
  readonly keep: boolean;
  /** Where Postgres' data and the peers' environments are kept; null: `.weir` of the repository. */
  readonly home: string | null;
  readonly help: boolean;
}

/** What the bench is made of; `--only` chooses. Weir and the hand-written hour always take part in `hour`. */
export const parts = ['hour', 'dbt', 'peak', 'reading'] as const;

export type Part = (typeof parts)[number];

/** The sizes that the aims are about. */
export const usualSizes: Sizes = { small: 1_000_000, large: 10_000_000, hour: 417_000, peak: 2_100_000 };

export const USAGE = `usage: npm run bench:loads -- [--json] [--quick] [--rounds N] [--only hour,dbt,peak,reading] [--keep] [--home DIR]
         [--small 1m] [--large 10m] [--hour 417k] [--peak 2100k] [--reading SECONDS]

  An hour's load of stg_transactions and fct_daily_sales next to the same SQL written by hand and to dbt, as ratios.
  Without options everything, 12 minutes on two quiet cores. Progress goes to stderr.

  --json      print the rows as JSON, and nothing else, on stdout
  --quick     one round on 100,000 and 300,000 rows: shows that it works, says nothing of the aims
  --rounds    rounds that count; default 3
  --only      which parts; what is left out is null
  --small … --peak   rows of the two databases, of an hour and of a peak hour
  --reading   how long 200 clients read; default 40 seconds
  --keep      leave the databases for the next run
  --home      folder for Postgres' data and the peers' environments; default .weir

Exit codes: 0 measured (whether or not the aims hold), 3 something could not be set up or run; what could be measured is
printed all the same.
`;

const quick = { small: '100k', large: '300k', hour: '30k', peak: '60k', rounds: '1', reading: '5' };
const usual = { small: '1m', large: '10m', hour: '417k', peak: '2100k', rounds: '3', reading: '40' };

/** @throws Error saying what is wrong with the arguments. */
export function readOptions(args: readonly string[]): LoadBenchOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{
        small: text,
        large: text,
        hour: text,
        peak: text,
        rounds: text,
        reading: text,
        only: text,
        home: text,
      },
      ...{ json: flag, quick: flag, keep: flag, help: flag },
    },
  });
  const from = values.quick ? quick : usual;
  return {
    sizes: {
      small: readRows('--small', values.small ?? from.small),
      large: readRows('--large', values.large ?? from.large),
      hour: readRows('--hour', values.hour ?? from.hour),
      peak: readRows('--peak', values.peak ?? from.peak),
    },
    rounds: readWhole('--rounds', values.rounds ?? from.rounds, 100),
    readingSeconds: readWhole('--reading', values.reading ?? from.reading, 3600),
    parts: new Set(readParts(parts, values.only)),
    json: values.json,
    keep: values.keep,
    home: values.home ?? null,
    help: values.help,
  };
}

function readRows(option: string, text: string): number {
  const [, digits, unit] = /^\s*(\d+)([km])\s*$/i.exec(text) ?? [];
  const rows = Number(digits) * (unit?.toLowerCase() === 'm' ? 1_000_000 : 1000);
  if (rows >= 1000 && rows <= 20_000_000) return rows;
  throw new Error(`${option} ${text}: expected 1k to 20m, such as 417k`);
}

function readWhole(option: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`${option} ${text}: expected a whole number from 1 to ${most}`);
}

/** `1M`, `2.1M`, `417k`: how a number of rows is written. */
export function sizeName(rows: number): string {
  if (rows >= 1_000_000 && rows % 100_000 === 0) return `${rows / 1_000_000}M`;
  return rows % 1000 === 0 ? `${rows / 1000}k` : String(rows);
}
