/**
 * `npm run bench:steps`: what a step costs. Runs of ten steps alone and twenty at once, how long until a worker polls,
 * memory at rest, an empty hour of a backfill over restarts, next to other orchestrators. See bench/README.md.
 */
import { followParent } from '../infra/local/follow-parent.ts';
import { HOME, runBench, say } from './bench.ts';
import type { Shown } from './bench.ts';
import { measure } from './steps/measure.ts';
import { readOptions, USAGE } from './steps/options.ts';
import type { StepsBenchOptions } from './steps/options.ts';
import { rowsOf } from './steps/rows.ts';
import type { Measured } from './steps/rows.ts';
import { tableText } from './steps/table.ts';

async function main(options: StepsBenchOptions): Promise<Shown> {
  followParent();
  const measured: Measured = { weir: {}, peers: new Map(), backfill: null, notes: [], missing: [] };
  await measure(measured, { ...options, home: options.home ?? HOME, env: process.env, onProgress: say });
  const rows = rowsOf(measured);
  return { rows, text: tableText(rows, measured), missing: measured.missing };
}

await runBench(readOptions, USAGE, main);
