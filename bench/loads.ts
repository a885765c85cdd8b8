/**
 * `npm run bench:loads`: an hour's load of stg_transactions and fct_daily_sales, next to the same SQL written by hand and
 * to dbt, in interleaved rounds from the same state; a peak hour; and how long readers wait beside loads. See
 * bench/README.md.
 */
import { resolve } from 'node:path';
import { exitCodes } from '../cli/exit-codes.ts';
import { followParent } from '../infra/local/follow-parent.ts';
import { startServer } from './loads/database.ts';
import { measure } from './loads/measure.ts';
import type { MeasureOptions } from './loads/measure.ts';
import { readOptions, USAGE } from './loads/options.ts';
import type { LoadBenchOptions } from './loads/options.ts';
import { rowsOf } from './loads/rows.ts';
import type { Measured } from './loads/rows.ts';
import { tableText } from './loads/table.ts';

const HOME = resolve(import.meta.dirname, '..', '.weir');
const began = performance.now();

function say(line: string): void {
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
}

/** What `--only` leaves out is not asked for; all else that is not measured makes the exit code 3. */
async function main(options: LoadBenchOptions): Promise<number> {
  const measured: Measured = { rounds: [], peak: null, peakLanding: null, reading: null, missing: [] };
  const home = options.home ?? HOME;
  const order = { ...options, peersFolder: resolve(home, 'peers'), env: process.env, onProgress: say };
  try {
    await withBases(resolve(home, 'bench-loads'), options, measured, order);
  } catch (error) {
    measured.missing.push(`the rest: ${error instanceof Error ? error.message : String(error)}`);
  }
  const rows = rowsOf(measured, options.sizes);
  process.stdout.write(
    options.json ? `${JSON.stringify(rows, null, 2)}\n` : tableText(rows, measured, options.sizes),
  );
  for (const one of measured.missing) process.stderr.write(`not measured: ${one}\n`);
  return measured.missing.length === 0 ? exitCodes.done : exitCodes.couldNotRun;
}

async function withBases(
  home: string,
  { sizes, keep }: LoadBenchOptions,
  measured: Measured,
  options: MeasureOptions,
): Promise<void> {
  followParent();
  const server = await startServer(home, say);
  try {
    const small = await server.openBase(sizes.small);
    const large = await server.openBase(sizes.large);
    try {
      await measure({ small, large }, measured, options);
    } finally {
      await Promise.all([small.close(), large.close()]);
      if (!keep) for (const base of [small, large]) await server.dropBase(base);
    }
  } finally {
    await server.stop();
    say('done');
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(USAGE);
  else process.exitCode = await main(options);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCodes.couldNotRun;
}
