/** `npm run check`: format, lint, types and unit tests side by side; what a step has to say comes when it failed. */
import { runTool } from './tools.ts';
import type { Ended } from './tools.ts';

interface Step {
  readonly name: string;
  readonly tool: string;
  readonly args: readonly string[];
  readonly mend: string;
}

const steps: readonly Step[] = [
  { name: 'format', tool: 'oxfmt', args: ['--check'], mend: 'npm run format' },
  { name: 'lint', tool: 'oxlint', args: ['--deny-warnings'], mend: 'each message says why' },
  { name: 'types', tool: 'tsc', args: ['--noEmit', '-p', '.'], mend: 'as the compiler says' },
  {
    name: 'unit tests',
    tool: 'vitest',
    args: ['run', '--project', 'unit', '--reporter=dot'],
    mend: 'npx vitest --project unit',
  },
];

async function runStep({ name, tool, args }: Step): Promise<Ended> {
  const began = performance.now();
  const ended = await runTool(tool, args, 'kept');
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${ended.code === 0 ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`);
  return ended;
}

const results = await Promise.all(steps.map(async (step) => ({ step, ended: await runStep(step) })));
const failed = results.filter(({ ended }) => ended.code !== 0);
for (const { step, ended } of failed)
  console.log(
    `\n── ${step.name}: ${step.tool} ${step.args.join(' ')} ── to mend: ${step.mend}\n${ended.output.trim()}`,
  );
process.exitCode = failed.length === 0 ? 0 : 1;
