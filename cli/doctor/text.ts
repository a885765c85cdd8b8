import { colours } from '../colours.ts';
import type { Finding, Level } from './check.ts';
import type { Examined } from './examine.ts';

const MARKS: Readonly<Record<Level, { readonly mark: string; readonly paint: (text: string) => string }>> = {
  ok: { mark: '✓', paint: String },
  skipped: { mark: '-', paint: colours.dim },
  warning: { mark: '!', paint: colours.yellow },
  broken: { mark: '✗', paint: colours.red },
};

/** What was found, a line each, with its mend below it, and a last line that sums it up. */
export function doctorText(examined: readonly Examined[]): string {
  const width = Math.max(...examined.map(({ check }) => check.length));
  const lines = examined.flatMap(({ check, findings }) =>
    findings.flatMap((finding, place) => findingLines(finding, (place === 0 ? check : '').padEnd(width))),
  );
  const all = examined.flatMap(({ findings }) => findings);
  const count = (level: Level): number => all.filter((one) => one.level === level).length;
  const [wrong, warned] = [count('broken'), count('warning')];
  const sum = wrong + warned === 0 ? 'nothing is missing' : `${wrong} broken, ${warned} to look at`;
  return `${[...lines, '', sum].join('\n')}\n`;
}

function findingLines({ level, found, mend }: Finding, check: string): readonly string[] {
  const { mark, paint } = MARKS[level];
  const indent = ' '.repeat(check.length + 4);
  return [paint(`${mark} ${check}  ${found}`), ...(mend === null ? [] : [`${indent}→ ${mend}`])];
}
