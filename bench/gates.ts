/**
 * `npm run bench:gates`: how long a gate takes, next to the best single statement somebody would write by hand and to
 * Great Expectations, Soda Core and dbt, in interleaved rounds on the same table. See bench/README.md.
 */
import { resolve } from 'node:path';
import { followParent } from '../infra/local/follow-parent.ts';
import { HOME, runBench, say } from './bench.ts';
import type { Shown } from './bench.ts';
import { openBenchDatabase } from './gates/database.ts';
import type { BenchDatabase } from './gates/database.ts';
import { clearTables } from './gates/fill.ts';
import { measure } from './gates/measure.ts';
import type { Measured } from './gates/measure.ts';
import { readOptions, USAGE } from './gates/options.ts';
import type { GateBenchOptions } from './gates/options.ts';
import { rowsOf } from './gates/rows.ts';
import { tableText } from './gates/table.ts';

async function main(options: GateBenchOptions): Promise<Shown> {
  const measured: Measured = { phases: [], startUps: new Map(), missing: [] };
  try {
    await withDatabase(options, (database) =>
      measure(database, measured, {
        ...options,
        home: resolve(options.home ?? HOME, 'bench'),
        peersFolder: resolve(options.home ?? HOME, 'peers'),
        env: process.env,
        onProgress: say,
      }),
    );
  } catch (error) {
    measured.missing.push(`the rest: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { phases, startUps, missing } = measured;
  const rows = rowsOf(phases, startUps);
  return { rows, text: tableText(rows, phases, startUps), missing };
}

async function withDatabase(
  { keep, home }: GateBenchOptions,
  work: (database: BenchDatabase) => Promise<void>,
): Promise<void> {
  followParent();
  const database = await openBenchDatabase(resolve(home ?? HOME, 'bench'), say);
  try {
    await work(database);
  } finally {
    if (!keep) await clearTables(database.admin);
    await database.close();
    say('done');
  }
}

await runBench(readOptions, USAGE, main);
