import { Failure, type ExitCode } from '../exit-codes.ts';
import { runInScratch } from './run.ts';

/** What `weir run` takes to build copies instead of publishing. */
export const scratchArgs = {
  schema: {
    type: 'string',
    description: 'build copies in this schema instead, ask their gates, compare with what is published',
  },
  drop: { type: 'boolean', description: 'drop what --schema names' },
  from: {
    type: 'string',
    description: 'rows of this event time on instead of what arrived, ISO 8601 with a zone; needs --to',
  },
  to: { type: 'string', description: '… up to but not including this one' },
} as const;

interface Given {
  readonly pipeline?: string | undefined;
  readonly schema?: string | undefined;
  readonly select?: string | undefined;
  readonly models?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly 'as-of'?: string | undefined;
  readonly drop?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly detach?: boolean | undefined;
  readonly 'hold-for'?: string | undefined;
  readonly 'full-refresh'?: string | undefined;
}

/** `weir run --schema`: a run that nobody but whoever asked sees anything of. */
export async function inScratch(args: Given): Promise<ExitCode> {
  if (args.detach === true || args['hold-for'] !== undefined || args['full-refresh'] !== undefined)
    throw new Failure(
      '--detach, --hold-for and --full-refresh are about runs; --schema builds here and now, from whole relations',
    );
  const select = [args.select, ...(args.models?.split(',') ?? [])]
    .filter((one) => one !== undefined)
    .join(' ');
  return await runInScratch({
    schema: args.schema ?? '',
    pipeline: args.pipeline,
    select: select === '' ? undefined : select,
    from: args.from,
    to: args.to,
    asOf: args['as-of'],
    drop: args.drop === true,
    json: args.json === true,
  });
}

/** @throws Failure (3) for what means nothing without `--schema`. */
export function refuseScratchOnly(args: Given): void {
  if (args.drop === true) throw new Failure('--drop belongs to --schema: name the scratch schema too');
  if (args.pipeline === undefined)
    throw new Failure(
      'weir run needs PIPELINE (minute, hourly or daily). `weir run --help` shows what it takes.',
    );
}
