/**
 * `npm run chaos:loads`: the loads under everything that can go wrong, and whether what was published is what plain SQL
 * computes over everything committed. See docs/guides/chaos.md.
 */
import { followParent } from '../../infra/local/follow-parent.ts';
import { runChaos } from './chaos.ts';
import type { ChaosResult } from './chaos.ts';
import { allKinds, kinds } from './kinds.ts';
import { readOptions, USAGE } from './options.ts';
import type { ChaosOptions } from './options.ts';

const began = performance.now();

function say(line: string): void {
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
}

async function main(options: ChaosOptions): Promise<number> {
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  followParent();
  say(`seed ${options.seed}`);
  const result = await runChaos(options, say);
  const failed = result.checks.filter(({ problems }) => problems.length > 0).length;
  const passed = result.checks.length - failed;
  const tally = `${passed} passed, ${failed} failed\n`;
  if (options.json)
    process.stdout.write(`${JSON.stringify({ ...options, passed, failed, ...result }, null, 2)}\n`);
  else process.stdout.write(`${textOf(options, result)}${tally}`);
  return failed === 0 ? 0 : 1;
}

function textOf(
  { seed, minutes, writers, broken }: ChaosOptions,
  { seconds, counts, failures, checks }: ChaosResult,
): string {
  const again = `npm run chaos:loads -- --seed ${seed} --minutes ${minutes} --writers ${writers}${broken === null ? '' : ` --broken ${broken}`}`;
  return [
    `${seconds} s, seed ${seed}${broken === null ? '' : `, broken: ${broken}`}`,
    '',
    ...allKinds.map((kind) => `${String(counts[kind]).padStart(8)}  ${kinds[kind]}`),
    '',
    'errors that stations met and got over, or gave up with:',
    ...Object.entries(failures).map(([what, times]) => `${String(times).padStart(8)}  ${what}`),
    '',
    ...checks.flatMap(({ what, problems }) => [
      `${problems.length === 0 ? 'ok    ' : 'FAILED'}  ${what}`,
      ...problems.map((problem) => `          ${problem}`),
    ]),
    '',
    `again, the same plan in what the machine makes its order: ${again}`,
    '',
  ].join('\n');
}

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.stdout.write('0 passed, 1 failed\n');
  process.exitCode = 3;
}
