import { durationText } from '../../models/duration.ts';
import { colours } from '../colours.ts';
import type { Month, ObjectiveMonth } from './read-month.ts';

const HEADINGS = ['', 'OBJECTIVE', 'TARGET', 'MET', 'LEFT', 'WORST STRETCH'] as const;

/** A month for people: a line an objective, and what about it is not plain. 80 columns wide. */
export function monthText(month: Month): string {
  const rows = month.objectives.map((one) => ({ one, cells: cellsOf(one) }));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map(({ cells }) => (cells[column] ?? '').length)),
  );
  const line = ([mark = '', ...cells]: readonly string[]): string =>
    `${mark.padEnd(1)} ${cells.map((cell, column) => cell.padEnd(widths[column + 1] ?? 0)).join('  ')}`.trimEnd();
  const ended = Date.parse(month.until) >= nextMonth(month.month);
  return [
    `${month.month}${ended ? '' : `, until ${month.until.slice(0, 16)}Z`}`,
    '',
    colours.bold(line(HEADINGS)),
    ...rows.flatMap(({ one, cells }) => [
      isMet(one) ? line(cells) : colours.red(line(cells)),
      ...(one.unmeasured === 0
        ? []
        : [`    ${minutesText(one.unmeasured)} were not measured, and count as not met`]),
    ]),
    '',
    verdictText(month),
    '',
  ].join('\n');
}

/** Whether an objective was met so far. */
export function isMet({ met, target }: ObjectiveMonth): boolean {
  return met >= target;
}

function verdictText({ objectives }: Month): string {
  const missed = objectives.filter((one) => !isMet(one));
  if (missed.length === 0) return `all ${objectives.length} objectives were met`;
  return `${missed.length} of ${objectives.length} objectives ${missed.length === 1 ? 'was' : 'were'} missed: ${missed
    .map(nameOf)
    .join(', ')}`;
}

function cellsOf(one: ObjectiveMonth): readonly string[] {
  const { target, met, budgetLeftMinutes, worst } = one;
  return [
    isMet(one) ? '✓' : '✗',
    nameOf(one),
    percent(target),
    percent(met),
    minutesText(budgetLeftMinutes),
    worst === null ? '' : `${minutesText(worst.minutes)}, ${dayText(worst.from)}`,
  ];
}

/** A model by its name; intervals by the time that they have. */
function nameOf({ kind, subject, objectiveSeconds }: ObjectiveMonth): string {
  return kind === 'freshness'
    ? `${subject} ${compact(objectiveSeconds)}`
    : `${subject} within ${compact(objectiveSeconds)}`;
}

/** `75 min`, `26 h`: as headers write it. */
function compact(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${Math.round(seconds / 60)} min`;
}

/** `7 h 2 min`, `-35 min`. */
function minutesText(minutes: number): string {
  const whole = Math.round(minutes);
  if (whole === 0) return '0 min';
  return whole < 0 ? `-${durationText(-whole * 60)}` : durationText(whole * 60);
}

/** Rounded down: 98.996 % is no 99 %. The short way round first, for 0.99 * 100 is not 99. */
function percent(share: number): string {
  return `${Math.floor(Number((share * 10_000).toFixed(6))) / 100} %`;
}

/** `03 08:06`: day of the month and time, UTC. */
function dayText(at: string): string {
  return `${at.slice(8, 10)} ${at.slice(11, 16)}`;
}

function nextMonth(month: string): number {
  const [year = 0, of = 1] = month.split('-').map(Number);
  return Date.UTC(year, of, 1);
}
