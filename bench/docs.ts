/**
 * `npm run bench:docs`: how long the catalogue of 140 models and a year of runs takes to be made and to be opened, and what
 * it weighs. See bench/README.md.
 */
import { followParent } from '../infra/local/follow-parent.ts';
import { HOME, runBench, say } from './bench.ts';
import type { Shown } from './bench.ts';
import { measure } from './docs/measure.ts';
import { readOptions, USAGE } from './docs/options.ts';
import type { DocsBenchOptions } from './docs/options.ts';
import { nothingMeasured, rowsOf, tableText } from './docs/rows.ts';

async function main(options: DocsBenchOptions): Promise<Shown> {
  followParent();
  const measured = nothingMeasured();
  await measure(measured, { ...options, home: options.home ?? HOME, onProgress: say });
  const rows = rowsOf(measured);
  return { rows, text: tableText(rows, measured), missing: measured.missing };
}

await runBench(readOptions, USAGE, main);
