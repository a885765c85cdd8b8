import { parseArgs } from 'node:util';
import { readCount, readParts } from '../arguments.ts';

/** What the bench is made of; `--only` chooses. */
export const parts = ['ready', 'runs', 'backfill', 'temporal', 'airflow', 'dagster', 'prefect'] as const;

export type Part = (typeof parts)[number];

/** The others; what is left is Weir. */
const peerParts: readonly Part[] = ['temporal', 'airflow', 'dagster', 'prefect'];

/** What to measure. */
export interface StepsBenchOptions {
  readonly parts: ReadonlySet<Part>;
  /** Runs of ten steps that count. */
  readonly rounds: number;
  /** Intervals of the backfill; the aim is about `usualHours`. */
  readonly hours: number;
  readonly json: boolean;
  /** Where the servers' data and the peers' environments are kept; null: `.weir` of the repository. */
  readonly home: string | null;
  readonly help: boolean;
}

/** The hours that the aim is about. */
export const usualHours = 2000;

const LEAST_HOURS = 20;

export const USAGE = `usage: npm run bench:steps -- [--json] [--quick] [--only PART,…] [--skip-peers] [--rounds N] [--hours N] [--home DIR]

  What a step costs: runs of ten steps, alone and twenty at once; how long until a worker polls; memory at rest; an
  empty hour of a backfill, over restarts. Next to Airflow, Dagster, Prefect and a bare Temporal. Without options
  everything, some 15 minutes on two quiet cores. Progress goes to stderr.

  --json        print the rows as JSON, and nothing else, on stdout
  --quick       Weir alone, few rounds, 100 hours: shows that it works, says nothing of the aims
  --only        which parts: ${parts.join(', ')}
  --skip-peers  Weir alone
  --rounds      runs of ten steps that count; default 9
  --hours       hours of the backfill; default ${usualHours}
  --home        folder for the servers' data and the peers' environments; default .weir

Exit codes: 0 measured (whether or not the aims hold), 3 something could not be set up or run, or hours of the backfill
were missed or doubled; what could be measured is printed all the same.
`;

/** @throws Error saying what is wrong with the arguments. */
export function readOptions(args: readonly string[]): StepsBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      'skip-peers': { type: 'boolean', default: false },
      rounds: { type: 'string' },
      hours: { type: 'string' },
      home: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  const chosen = readParts(parts, values.only);
  const alone = quick || values['skip-peers'];
  return {
    parts: new Set(chosen.filter((part) => !alone || !peerParts.includes(part))),
    rounds: readCount('--rounds', values.rounds, { usual: quick ? 3 : 9, least: 1, most: 100_000 }),
    hours: readCount('--hours', values.hours, {
      usual: quick ? 100 : usualHours,
      least: LEAST_HOURS,
      most: 100_000,
    }),
    json: values.json,
    home: values.home ?? null,
    help: values.help,
  };
}
