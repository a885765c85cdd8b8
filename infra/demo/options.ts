import { parseArgs } from 'node:util';
import { readFalsify } from './claims.ts';
import { claimNames } from './story-claims.ts';

/** What the demo's flags ask for. */
export interface DemoOptions {
  /** Stop everything after the story; exit 0 only if every claim held. */
  readonly exit: boolean;
  /** Claims to make false before they are read: a self-test of the demo. */
  readonly falsify: ReadonlySet<string>;
  /** Also falsify each claim once, after it was read, and fail if one does not notice. */
  readonly falsifyEach: boolean;
  /** Stop at the held gate until Enter is pressed, for a look around. */
  readonly look: boolean;
  /** Where its data lies: `.weir/demo` of the repository when left out. */
  readonly home: string | null;
  readonly help: boolean;
}

export const USAGE = `npm run demo [-- FLAGS]

Starts Postgres, Temporal, a PagerDuty stand-in and a worker, tells the story of a held hour, and stays up.

  --exit              tell the story, check each claim, stop everything; exit 0 only if all held
  --look              stop at the held gate until Enter is pressed, to look at the catalogue, the Temporal UI and the incident
  --falsify NAMES     make these claims (a,b or each) false before they are read: the demo must then fail
  --falsify-each      falsify every claim once after it was read; fails if one does not notice
  --home FOLDER       keep its data there instead of in .weir/demo, beside another demo
  --help              this text
`;

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        exit: { type: 'boolean', default: false },
        look: { type: 'boolean', default: false },
        falsify: { type: 'string' },
        'falsify-each': { type: 'boolean', default: false },
        home: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(`${problem}. \`npm run demo -- --help\` says what it takes.`, { cause: error });
  }
}

/** @throws Error naming the flag or claim that is not known. */
export function readOptions(args: readonly string[]): DemoOptions {
  const values = readFlags(args);
  return {
    exit: values.exit,
    look: values.look,
    falsify: readFalsify(values.falsify, claimNames),
    falsifyEach: values['falsify-each'],
    home: values.home ?? null,
    help: values.help,
  };
}
