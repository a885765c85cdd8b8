import { ApplicationFailure } from '@temporalio/common';
import { readBackfillInput } from '../../workflows/backfill/input.ts';
import type { BackfillInput, BackfillRequest } from '../../workflows/backfill/input.ts';
import { chosenModels } from '../chosen-models.ts';
import { Failure } from '../exit-codes.ts';
import type { Steering } from './steer.ts';

/** The words of the command that say what to load, and how. */
export interface Args {
  readonly pipeline?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly width?: string | undefined;
  readonly models?: string | undefined;
  readonly select?: string | undefined;
  readonly again?: boolean | undefined;
  readonly 'stop-after'?: string | undefined;
  readonly 'newest-first'?: boolean | undefined;
  readonly 'hold-for'?: string | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly pause?: boolean | undefined;
  readonly resume?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly detach?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** What the workflow is given. @throws Failure (3) for models that the pipeline does not publish. */
export async function inputOf(args: Args): Promise<BackfillInput> {
  const pipeline = args.pipeline ?? 'hourly';
  const { from, to, width, again } = args;
  const stopAfter = args['stop-after'];
  const holdFor = args['hold-for'];
  return {
    pipeline,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(await chosenModels({ ...args, pipeline })),
    ...(width === undefined ? {} : { width: Number(width) }),
    ...(again === true ? { again } : {}),
    ...(stopAfter === undefined ? {} : { stopAfter: Number(stopAfter) }),
    ...(args['newest-first'] === true ? { newestFirst: true } : {}),
    ...(holdFor === undefined ? {} : { holdFor }),
  };
}

/** What says what to load: a backfill that goes on has been told. */
const OF_A_NEW_ONE = [
  'from',
  'to',
  'models',
  'select',
  'again',
  'stop-after',
  'newest-first',
  'hold-for',
  'dry-run',
  'yes',
  'detach',
] as const;

/**
 * What a backfill that goes on is asked.
 *
 * @throws Failure (3) for flags that a new backfill takes: whoever says --dry-run expects that nothing changes.
 */
export function steeringOf(args: Args): Steering {
  const other = OF_A_NEW_ONE.find((flag) => args[flag] !== undefined);
  if (other !== undefined)
    throw new Failure(
      `--${other} is for a new backfill: one that goes on takes --width, --pause --reason "…" or --resume, and is watched without any.`,
    );
  const { width } = args.width === undefined ? {} : checkedInput({ width: Number(args.width) });
  if (args.reason !== undefined && args.pause !== true)
    throw new Failure('--reason says why a backfill is paused: give --pause with it');
  return {
    ...(width === undefined ? {} : { width }),
    ...(args.reason === undefined ? {} : { reason: args.reason }),
    pause: args.pause === true,
    resume: args.resume === true,
  };
}

/** The flag of each field, as somebody at a shell knows it. */
const FLAGS = {
  stopAfter: '--stop-after',
  holdFor: '--hold-for',
  width: '--width',
  from: '--from',
  to: '--to',
} as const;

/**
 * Refused here rather than by a backfill that has begun.
 *
 * @throws Failure (3), in the words of a shell.
 */
export function checkedInput(input: BackfillInput): BackfillRequest {
  try {
    return readBackfillInput(input, Date.now());
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    const problem = error.message.replace("The backfill's input cannot be used: ", '');
    const [field] = Object.entries(FLAGS).find(([name]) => problem.startsWith(`${name} `)) ?? [];
    const flag = Object.entries(FLAGS).find(([name]) => name === field)?.[1];
    throw new Failure(field === undefined || flag === undefined ? problem : problem.replace(field, flag));
  }
}
