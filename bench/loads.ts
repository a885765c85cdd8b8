/**
 * `npm run bench:loads`: an hour's load of stg_transactions and fct_daily_sales, next to the same SQL written by hand and
 * to dbt, in interleaved rounds from the same state; a peak hour; and how long readers wait beside loads. See
 * bench/README.md.
 */
import { resolve } from 'node:path';
import { followParent } from '../infra/local/follow-parent.ts';
import { HOME, runBench, say } from './bench.ts';
import type { Shown } from './bench.ts';
import { startServer } from './loads/database.ts';
import { measure } from './loads/measure.ts';
import type { MeasureOptions } from './loads/measure.ts';
import { readOptions, USAGE } from './loads/options.ts';
import type { LoadBenchOptions } from './loads/options.ts';
import { rowsOf } from './loads/rows.ts';
import type { Measured } from './loads/rows.ts';
import { tableText } from './loads/table.ts';

async function main(options: LoadBenchOptions): Promise<Shown> {
  const measured: Measured = { rounds: [], peak: null, peakLanding: null, reading: null, missing: [] };
  const home = options.home ?? HOME;
  const order = { ...options, peersFolder: resolve(home, 'peers'), env: process.env, onProgress: say };
  try {
    await withBases(resolve(home, 'bench-loads'), options, measured, order);
  } catch (error) {
    measured.missing.push(`the rest: ${error instanceof Error ? error.message : String(error)}`);
  }
  const rows = rowsOf(measured, options.sizes);
  return { rows, text: tableText(rows, measured, options.sizes), missing: measured.missing };
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

await runBench(readOptions, USAGE, main);
