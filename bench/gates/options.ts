import { parseArgs } from 'node:util';
import { readParts } from '../arguments.ts';

/** What to measure. */
export interface GateBenchOptions {
  readonly sizes: readonly Size[];
  /** Rounds for each table; null: five, and three beyond a million rows. */
  readonly rounds: number | null;
  /** Contestants to ask beside Weir and the hand-written statement, by the beginning of their names; null: all. */
  readonly only: readonly string[] | null;
  readonly json: boolean;
  /** Leaves the tables for the next run. */
  readonly keep: boolean;
  /** Where Postgres' data and the peers' environments are kept; null: `.weir` of the repository. */
  readonly home: string | null;
  readonly help: boolean;
}

/** A number of rows, and how it is written. */
export interface Size {
  /** `1M` and the like. */
  readonly name: string;
  readonly rows: number;
}

/** Who takes part. */
const parts = ['weir', 'hand', 'gx', 'soda', 'dbt', 'run'] as const;

/** The suite itself asks for at least so many rows, and at most. */
const [LEAST_ROWS, MOST_ROWS] = [100_000, 20_000_000];

export const USAGE = `usage: npm run bench:gates -- [--json] [--rows 1m,10m] [--rounds N] [--only ${parts.join(',')}] [--keep] [--home DIR]

  Weir's gate next to the best hand-written statement, Great Expectations, Soda Core and dbt, as ratios.
  Without options everything, about 10 minutes on two quiet cores. Progress goes to stderr.

  --json     print the rows as JSON, and nothing else, on stdout
  --rows     table sizes, 100k to 20m; default 1m,10m
  --rounds   rounds for each table; default 5, and 3 beyond a million rows
  --only     who takes part, for a quick look: what is left out is null
  --keep     leave the tables for the next run
  --home     folder for Postgres' data and the peers' environments; default .weir

Exit codes: 0 measured (whether or not the aims hold), 3 something could not be set up or run; what could be measured is
printed all the same.
`;

/** @throws Error saying what is wrong with the arguments. */
export function readOptions(args: readonly string[]): GateBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '1m,10m' },
      rounds: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      home: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    sizes: values.rows.split(',').map(readSize),
    rounds: values.rounds === undefined ? null : readRounds(values.rounds),
    only: values.only === undefined ? null : readParts(parts, values.only),
    json: values.json,
    keep: values.keep,
    home: values.home ?? null,
    help: values.help,
  };
}

function readSize(text: string): Size {
  const [, digits, unit] = /^\s*(\d+)([km])\s*$/i.exec(text) ?? [];
  const rows = Number(digits) * (unit?.toLowerCase() === 'm' ? 1_000_000 : 1000);
  if (!(rows >= LEAST_ROWS && rows <= MOST_ROWS))
    throw new Error(`--rows ${text}: expected 100k to 20m, such as 1m,10m`);
  return { name: `${digits}${unit?.toLowerCase() === 'm' ? 'M' : 'k'}`, rows };
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
    throw new Error(`--rounds ${text}: expected a whole number from 1 to 100`);
  return rounds;
}

/** Whether somebody takes part: `--only gx` lets in `GX SUMMARY`, `--only run` the gate inside a run. */
export function takesPart({ only }: Pick<GateBenchOptions, 'only'>, contestant: string): boolean {
  return only === null || only.some((name) => contestant.toLowerCase().startsWith(name));
}
