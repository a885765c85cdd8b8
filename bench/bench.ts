import { resolve } from 'node:path';
import { exitCodes } from '../cli/exit-codes.ts';
import type { ExitCode } from '../cli/exit-codes.ts';

/** Where servers keep their data where `--home` names no other folder. */
export const HOME = resolve(import.meta.dirname, '..', '.weir');

const began = performance.now();

/** Says on stderr how a bench gets on, with the seconds since its start. */
export function say(line: string): void {
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
}

/** What a bench has to show. */
export interface Shown {
  readonly rows: readonly unknown[];
  /** The rows as people read them. */
  readonly text: string;
  /** A sentence for each part that could not be set up, or broke. */
  readonly missing: readonly string[];
}

/** Runs a bench from the shell. What `--only` leaves out is not asked for; all else that is not measured makes the exit code 3. */
export async function runBench<Options extends { readonly help: boolean; readonly json: boolean }>(
  readOptions: (args: readonly string[]) => Options,
  usage: string,
  main: (options: Options) => Promise<Shown>,
): Promise<void> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options.help) process.stdout.write(usage);
    else process.exitCode = show(await main(options), options.json);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = exitCodes.couldNotRun;
  }
}

function show({ rows, text, missing }: Shown, json: boolean): ExitCode {
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : text);
  for (const one of missing) process.stderr.write(`not measured: ${one}\n`);
  return missing.length === 0 ? exitCodes.done : exitCodes.couldNotRun;
}
