import { parseArgs } from 'node:util';
import { readCount, readParts } from '../arguments.ts';

/** What the bench can measure. */
export const parts = ['built', 'served', 'peer'] as const;
export type Part = (typeof parts)[number];

/** What to measure. */
export interface DocsBenchOptions {
  readonly parts: ReadonlySet<Part>;
  readonly models: number;
  readonly days: number;
  /** Results that Great Expectations builds its pages of. */
  readonly results: number;
  /** Whether a database that an earlier run filled is taken as it is, and kept for the next. */
  readonly keep: boolean;
  readonly json: boolean;
  /** Where the server's data is kept; null: `.weir` of the repository. */
  readonly home: string | null;
  readonly help: boolean;
}

const usual = { models: 140, days: 365, results: 100 } as const;

export const USAGE = `usage: npm run bench:docs -- [--json] [--quick] [--keep] [--only PART,…] [--models N] [--days N] [--results N] [--home DIR]

  The catalogue of 140 models and a year in which each was loaded and judged every hour: how long the whole static site
  takes, the slowest page when served, what pages weigh; and Great Expectations' data docs of the last results. Some 15
  minutes, most of them to make the year. Progress goes to stderr.

  --json     print the rows as JSON, and nothing else, on stdout
  --quick    14 models, 10 days, 10 results: shows that it works, says nothing of the aims
  --keep     take the database of the last run with --keep as it is, and keep it (8 GB)
  --only     which parts: ${parts.join(', ')}
  --models   models, sources and views together; default ${usual.models}
  --days     days of past; default ${usual.days}
  --results  results that Great Expectations is given; default ${usual.results}
  --home     folder for the server's data; default .weir

Exit codes: 0 measured (whether or not the aims hold), 3 something could not be set up or run; what could be measured is
printed all the same.
`;

/** @throws Error saying what is wrong with the arguments. */
export function readOptions(args: readonly string[]): DocsBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      only: { type: 'string' },
      models: { type: 'string' },
      days: { type: 'string' },
      results: { type: 'string' },
      home: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, keep } = values;
  return {
    parts: new Set(readParts(parts, values.only)),
    models: readCount('--models', values.models, { usual: quick ? 14 : usual.models, most: 1000 }),
    days: readCount('--days', values.days, { usual: quick ? 10 : usual.days, most: 400 }),
    results: readCount('--results', values.results, { usual: quick ? 10 : usual.results, most: 5000 }),
    keep,
    json: values.json,
    home: values.home ?? null,
    help: values.help,
  };
}
