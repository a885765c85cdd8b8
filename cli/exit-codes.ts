/** What `weir` exits with, the same for every verb. */
export const exitCodes = {
  done: 0,
  gateFailed: 1,
  warned: 2,
  couldNotRun: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error with its exit code: what went wrong, and what to do, in one message. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = exitCodes.couldNotRun) {
    super(message);
    this.code = code;
  }
}

/** Wraps a verb: what it returns is what `weir` exits with. citty keeps no result of a verb below a verb. */
export function exitsWith<Context>(
  verb: (context: Context) => Promise<ExitCode>,
): (context: Context) => Promise<void> {
  return async (context) => {
    process.exitCode = await verb(context);
  };
}
