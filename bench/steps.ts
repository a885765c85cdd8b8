/**
 * `npm run bench:steps`: what a step costs. Runs of ten steps alone and twenty at once, how long until a worker polls,
 * memory at rest, an empty hour of a backfill over restarts, next to other orchestrators. See bench/README.md.
 */
import { resolve } from 'node:path';
import { exitCodes } from '../cli/exit-codes.ts';
import { followParent } from '../infra/local/follow-parent.ts';
import { measure } from './steps/measure.ts';
import { readOptions, USAGE } from './steps/options.ts';
import type { StepsBenchOptions } from './steps/options.ts';
import { rowsOf } from './steps/rows.ts';
import type { Measured } from './steps/rows.ts';
import { tableText } from './steps/table.ts';

const HOME = resolve(import.meta.dirname, '..', '.weir');
const began = performance.now();

function say(line: string): void {
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
}

/** What `--only` leaves out is not asked for; all else that is not measured makes the exit code 3. */
async function main(options: StepsBenchOptions): Promise<number> {
  followParent();
  const measured: Measured = { weir: {}, peers: new Map(), backfill: null, notes: [], missing: [] };
  await measure(measured, { ...options, home: options.home ?? HOME, env: process.env, onProgress: say });
  const rows = rowsOf(measured);
  process.stdout.write(options.json ? `${JSON.stringify(rows, null, 2)}\n` : tableText(rows, measured));
  for (const one of measured.missing) process.stderr.write(`not measured: ${one}\n`);
  return measured.missing.length === 0 ? exitCodes.done : exitCodes.couldNotRun;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(USAGE);
  else process.exitCode = await main(options);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCodes.couldNotRun;
}
