/**
 * `npm run bench:pages`: how long on-call waits. From the verdict of a gate that holds its model until the incident is
 * open, and from a bad file landed under the schedule of a minute. See bench/README.md.
 */
import { followParent } from '../infra/local/follow-parent.ts';
import { HOME, runBench, say } from './bench.ts';
import type { Shown } from './bench.ts';
import { measure } from './pages/measure.ts';
import { readOptions, USAGE } from './pages/options.ts';
import type { PagesBenchOptions } from './pages/options.ts';
import { rowsOf, tableText } from './pages/rows.ts';
import type { Measured } from './pages/rows.ts';

async function main(options: PagesBenchOptions): Promise<Shown> {
  followParent();
  const measured: Measured = { verdicts: [], files: [], missing: [] };
  await measure(measured, { ...options, home: options.home ?? HOME, onProgress: say });
  const rows = rowsOf(measured);
  return { rows, text: tableText(rows, measured), missing: measured.missing };
}

await runBench(readOptions, USAGE, main);
