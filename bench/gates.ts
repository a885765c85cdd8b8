/**
 * `npm run bench:gates`: how long a gate takes, next to the best single statement somebody would write by hand and to
 * Great Expectations, Soda Core and dbt, in interleaved rounds on the same table. See bench/README.md.
 */
import { resolve } from 'node:path';
import { exitCodes } from '../cli/exit-codes.ts';
import { followParent } from '../infra/local/follow-parent.ts';
import { openBenchDatabase } from './gates/database.ts';
import type { BenchDatabase } from './gates/database.ts';
import { clearTables } from './gates/fill.ts';
import { measure } from './gates/measure.ts';
import type { Measured } from './gates/measure.ts';
import { readOptions, USAGE } from './gates/options.ts';
import type { GateBenchOptions } from './gates/options.ts';
import { rowsOf } from './gates/rows.ts';
import { tableText } from './gates/table.ts';

const HOME = resolve(import.meta.dirname, '..', '.weir');
const began = performance.now();

function say(line: string): void {
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
}

/** What `--only` leaves out is not asked for; all else that is not measured makes the exit code 3. */
async function main(options: GateBenchOptions): Promise<number> {
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
  process.stdout.write(
    options.json ? `${JSON.stringify(rows, null, 2)}\n` : tableText(rows, phases, startUps),
  );
  for (const one of missing) process.stderr.write(`not measured: ${one}\n`);
  return missing.length === 0 ? exitCodes.done : exitCodes.couldNotRun;
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

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(USAGE);
  else process.exitCode = await main(options);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCodes.couldNotRun;
}
