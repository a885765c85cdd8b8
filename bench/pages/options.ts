import { parseArgs } from 'node:util';
import { readCount, readParts } from '../arguments.ts';

/** What the bench is made of; `--only` chooses. */
export const parts = ['verdicts', 'minutes'] as const;

export type Part = (typeof parts)[number];

/** What to measure. */
export interface PagesBenchOptions {
  readonly parts: ReadonlySet<Part>;
  /** Gates that are held, each with an incident of its own. */
  readonly gates: number;
  /** Bad files that land under the schedule of a minute, each at another second of it. */
  readonly files: number;
  readonly json: boolean;
  /** Where the servers' data is kept; null: `.weir` of the repository. */
  readonly home: string | null;
  readonly help: boolean;
}

/** As many as the service takes of one key in a minute, less some: nobody waits for a 429. */
const MOST_GATES = 118;

export const usualGates = 110;
export const usualFiles = 12;

export const USAGE = `usage: npm run bench:pages -- [--json] [--quick] [--only PART,…] [--gates N] [--files N] [--home DIR]

  How long on-call waits: from the verdict of a gate that holds its model until the incident is open at the service's
  stand-in, and from a bad file landed under the schedule of a minute. Some five minutes. Progress goes to stderr.

  --json   print the rows as JSON, and nothing else, on stdout
  --quick  10 gates and 2 files: shows that it works, says nothing of the aims
  --only   which parts: ${parts.join(', ')}
  --gates  gates that are held; default ${usualGates}, at most ${MOST_GATES}
  --files  bad files under the schedule of a minute; default ${usualFiles}
  --home   folder for the servers' data; default .weir

Exit codes: 0 measured (whether or not the aims hold), 3 something could not be set up or run; what could be measured is
printed all the same.
`;

/** @throws Error saying what is wrong with the arguments. */
export function readOptions(args: readonly string[]): PagesBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      gates: { type: 'string' },
      files: { type: 'string' },
      home: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  return {
    parts: new Set(readParts(parts, values.only)),
    gates: readCount('--gates', values.gates, { usual: quick ? 10 : usualGates, most: MOST_GATES }),
    files: readCount('--files', values.files, { usual: quick ? 2 : usualFiles, most: 40 }),
    json: values.json,
    home: values.home ?? null,
    help: values.help,
  };
}
