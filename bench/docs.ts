/**
 * `npm run bench:docs`: how long the catalogue of 140 models and a year of runs takes to be made and to be opened, and what
 * it weighs. See bench/README.md.
 */
import { resolve } from 'node:path';
import { exitCodes } from '../cli/exit-codes.ts';
import { followParent } from '../infra/local/follow-parent.ts';
import { measure } from './docs/measure.ts';
import { readOptions, USAGE } from './docs/options.ts';
import type { DocsBenchOptions } from './docs/options.ts';
import { nothingMeasured, rowsOf, tableText } from './docs/rows.ts';

const HOME = resolve(import.meta.dirname, '..', '.weir');
const began = performance.now();

function say(line: string): void {
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
}

/** What `--only` leaves out is not asked for; all else that is not measured makes the exit code 3. */
async function main(options: DocsBenchOptions): Promise<number> {
  followParent();
  const measured = nothingMeasured();
  await measure(measured, { ...options, home: options.home ?? HOME, onProgress: say });
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
