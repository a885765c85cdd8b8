import type { Answer } from './ask-case.ts';
import { levels, shown } from './compare.ts';
import type { Comparison, Level } from './compare.ts';
import type { Case } from './read-cases.ts';

/** A case, Weir's answer and how they compare. */
export interface Compared {
  readonly one: Case;
  readonly answer: Answer;
  readonly comparison: Comparison;
}

/** Tags of cases where Great Expectations' answer is not the measure, and why. */
const APART: Readonly<Record<string, string>> = {
  dropped_from_suite: 'Great Expectations leaves the expectation out and passes; a gate refuses the suite',
  gx_defect: 'Great Expectations fails on a legal request; a right answer is better, an error is allowed',
  not_in_gx_sql: 'Great Expectations answers only for data frames; Weir answers where SQL can',
  gx_quirk: 'Great Expectations gives a definite but doubtful answer; docs say which are imitated',
  lossy: 'Great Expectations loses digits on the way through a float; Weir compares all of them',
};

/** The first tag that sets a case apart; null for one that is measured. */
export function apartTag({ tags }: Case): string | null {
  return Object.keys(APART).find((tag) => tags.has(tag)) ?? null;
}

/** Cases that agree in outcome, and those that do not; those apart are in neither. */
export function tallyOutcomes(all: readonly Compared[]): {
  readonly passed: number;
  readonly failed: number;
} {
  const measured = all.filter(({ one }) => apartTag(one) === null);
  const passed = measured.filter(({ comparison }) => agrees(comparison, 'outcome')).length;
  return { passed, failed: measured.length - passed };
}

function agrees(comparison: Comparison, level: Level): boolean {
  return comparison.get(level)?.length === 0;
}

/** Everything but the last line: agreement by type and level, disagreements when asked for, and what stands apart. */
export function reportText(all: readonly Compared[], verbose: boolean): string {
  const measured = all.filter(({ one }) => apartTag(one) === null);
  const types = [...new Set(measured.map(({ one }) => one.type))].sort();
  const width = Math.max(20, ...types.map((type) => type.length));
  const row = (name: string, some: readonly Compared[]): string =>
    [name.padEnd(width), ...levels.map((level) => share(some, level).padStart(12))].join('');
  return [
    ['expectation type'.padEnd(width), ...levels.map((level) => level.padStart(12))].join(''),
    ...types.map((type) =>
      row(
        type,
        measured.filter(({ one }) => one.type === type),
      ),
    ),
    row('all', measured),
    ...levels.map((level) => `  ${level}: ${percent(measured, level)}`),
    ...(verbose ? ['', 'Disagreements', ...measured.flatMap(disagreements)] : []),
    '',
    ...Object.entries(APART).flatMap(([tag, why]) => apartText(tag, why, all)),
    '',
  ].join('\n');
}

function counted(some: readonly Compared[], level: Level): readonly [agree: number, of: number] {
  const applying = some.filter(({ comparison }) => comparison.has(level));
  return [applying.filter(({ comparison }) => agrees(comparison, level)).length, applying.length];
}

function share(some: readonly Compared[], level: Level): string {
  const [agree, of] = counted(some, level);
  return of === 0 ? '–' : `${agree}/${of}`;
}

function percent(some: readonly Compared[], level: Level): string {
  const [agree, of] = counted(some, level);
  return of === 0
    ? 'nothing to compare'
    : `${((100 * agree) / of).toFixed(2)} % (${of - agree} of ${of} differ)`;
}

function disagreements({ one, comparison }: Compared): readonly string[] {
  const lines = [...comparison].flatMap(([level, found]) => found.map((text) => `    ${level}: ${text}`));
  // An error says the same on every level.
  const first = comparison.get('outcome')?.length === 0 ? lines : lines.slice(0, 1);
  return first.length === 0 ? [] : [`  ${one.id} · ${one.title}`, ...first];
}

function apartText(tag: string, why: string, all: readonly Compared[]): readonly string[] {
  const some = all.filter(({ one }) => apartTag(one) === tag);
  if (some.length === 0) return [];
  const same = some.filter(({ comparison }) => agrees(comparison, 'outcome')).length;
  return [
    `Apart, ${tag}: ${some.length}, of which ${same} with the same outcome. ${why}.`,
    ...some.map(
      ({ one, answer }) => `  ${one.id}: ${answerText(answer)} · Great Expectations: ${gxText(one)}`,
    ),
  ];
}

function answerText(answer: Answer): string {
  if (answer.error !== null) return `error (${answer.error.slice(0, 120)})`;
  const observed = answer.result['observed_value'] ?? answer.result['unexpected_count'];
  return `${answer.success ? 'holds' : 'does not hold'}${observed === undefined ? '' : `, ${shown(observed).slice(0, 80)}`}`;
}

function gxText({ gx }: Case): string {
  if (gx.error !== null) return `${gx.error.type} (${gx.error.message.slice(0, 80).replaceAll('\n', ' ')})`;
  return gx.success === true ? 'holds' : 'does not hold';
}
