import { parseArgs } from 'node:util';
import { brokenNames } from './broken/broken.ts';
import type { BrokenName } from './broken/broken.ts';

/** What `npm run chaos:loads` was asked for. */
export interface ChaosOptions {
  /** How long writers write and faults are injected; a run goes on until each kind has been. */
  readonly minutes: number;
  readonly seed: number;
  readonly writers: number;
  readonly broken: BrokenName | null;
  readonly json: boolean;
  readonly help: boolean;
}

export const USAGE = `usage: npm run chaos:loads -- [--minutes N] [--seed S] [--writers K] [--broken NAME] [--json]

  Writers write, loaders load, everything breaks; at the end silver and gold must be what plain SQL computes over
  everything committed. Starts a Postgres of its own, which it stops hard.

  --minutes   how long, 0.1 to 600; default 1
  --seed      a whole number that decides what is done and when it is due; default: drawn, and printed
  --writers   writers straight into bronze, 1 to 32; default 4
  --broken    put a known fault in, and see the test fail: ${brokenNames.join(', ')}
  --json      print the result as JSON

Exit codes: 0 no difference, 1 something failed, 3 the test could not run.
`;

/** @throws Error saying what is wrong with the arguments. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string' },
      writers: { type: 'string', default: '4' },
      broken: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes >= 0.1 && minutes <= 600))
    throw new Error(`--minutes ${values.minutes}: expected 0.1 to 600, such as 5`);
  return {
    minutes,
    seed: whole('seed', values.seed ?? String(Math.floor(Math.random() * 1_000_000)), 0, 2 ** 31),
    writers: whole('writers', values.writers, 1, 32),
    broken: values.broken === undefined ? null : readBroken(values.broken),
    json: values.json,
    help: values.help,
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`--${name} ${text}: expected a whole number from ${least} to ${most}`);
}

function readBroken(text: string): BrokenName {
  const found = brokenNames.find((name) => name === text);
  if (found === undefined) throw new Error(`--broken ${text}: expected one of ${brokenNames.join(', ')}`);
  return found;
}
