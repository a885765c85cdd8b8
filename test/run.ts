/**
 * `npm test`: what the tests need is fetched first, with progress, then all of them run. The last line is
 * `N passed, N failed`. Arguments go to vitest: `npm test -- test/workflows`.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findTemporalCli } from '../infra/local/temporal-cli.ts';
import { tally, tallyLine } from './tally.ts';
import { root, runTool } from './tools.ts';

const folder = join(root, '.weir', 'test-reports');
const reportFile = join(folder, `${process.pid}.json`);

async function runAll(): Promise<number> {
  await findTemporalCli({ onProgress: (line) => console.log(line) });
  mkdirSync(folder, { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const { code } = await runTool('vitest', ['run', ...reporters, ...process.argv.slice(2)], 'live');
  const counted = tally(readReport(), code);
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
