import { ageText } from '../age-text.ts';
import { colours } from '../colours.ts';
import { plain } from '../plain.ts';
import type { FoundRun } from './found-run.ts';

const PAINTS: Readonly<Record<string, (text: string) => string>> = {
  held: colours.red,
  failed: colours.red,
  left: colours.yellow,
  terminated: colours.yellow,
  cancelled: colours.yellow,
  running: colours.cyan,
};

/** Runs for people, three lines each: what and when, what was wrong, where. */
export function runsText(runs: readonly FoundRun[]): string {
  if (runs.length === 0) return 'no run fits\n';
  return runs.map((run) => `${runLines(run).join('\n')}\n`).join('');
}

/** A run in a few lines. */
export function runLines(run: FoundRun): readonly string[] {
  const { state, pipeline, workflowType, startedAt, endedAt, seconds, interval, workflowId, link } = run;
  const paint = PAINTS[state] ?? String;
  const head = [
    state.padEnd(10),
    (pipeline ?? workflowType).padEnd(7),
    `${startedAt.slice(0, 19)}Z`,
    `${endedAt === null ? 'for' : 'took'} ${ageText(seconds)}`.padEnd(14),
    interval === null ? '' : intervalWords(interval),
  ];
  const wrong = wrongWords(run);
  return [
    paint(plain(head.join('  ').trimEnd())),
    `    ${plain(workflowId)}`,
    ...(wrong === '' ? [] : [`    ${plain(wrong)}`]),
    `    ${colours.dim(link)}`,
  ];
}

function intervalWords({ start, end }: NonNullable<FoundRun['interval']>): string {
  const [from, to] = [start.slice(0, 16), end.slice(0, 16)];
  return `[${from}, ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to})`;
}

function wrongWords({ state, failedSuites, failure }: FoundRun): string {
  if (state === 'held') return `held by ${failedSuites.join(', ')}: weir gate list`;
  return failure ?? '';
}
