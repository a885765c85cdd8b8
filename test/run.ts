/**
 * `npm test`: what the tests need is fetched first, with progress, then all of them run; those that need Chromium are
 * skipped where it cannot be had, and the end says so. The last line is `N passed, N failed`. Arguments go to vitest:
 * `npm test -- test/workflows`.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findTemporalCli } from '../infra/local/temporal-cli.ts';
import { findChromium, NO_CHROMIUM } from './browser/chromium.ts';
import { tally, tallyLine } from './tally.ts';
import { root, runTool } from './tools.ts';

const folder = join(root, '.weir', 'test-reports');
const reportFile = join(folder, `${process.pid}.json`);

async function runAll(): Promise<number> {
  const onProgress = (line: string) => console.log(line);
  await findTemporalCli({ onProgress });
  const chromium = await findChromium({ onProgress });
  const skipsBrowser = 'missing' in chromium;
  // The tests look there first, and do not try again to install what cannot be had.
  process.env['CHROMIUM_PATH'] = skipsBrowser ? NO_CHROMIUM : chromium.path;
  mkdirSync(folder, { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const { code } = await runTool('vitest', ['run', ...reporters, ...process.argv.slice(2)], 'live');
  const counted = tally(readReport(), code);
  if (skipsBrowser && counted.skipped > 0) console.log(`the browser tests were skipped: ${chromium.missing}`);
  console.log(tallyLine(counted));
  return counted.failed > 0 || code !== 0 ? 1 : 0;
}

function readReport(): unknown {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return null;
  } finally {
    rmSync(reportFile, { force: true });
  }
}

try {
  process.exitCode = await runAll();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log(tallyLine({ passed: 0, failed: 1, skipped: 0 }));
  process.exitCode = 1;
}
