import { wordsOf } from './personal.ts';
import type { ColumnProfile, OrderedPair } from './profile.ts';

/** Columns of one kind that are looked at; each with each other would be too many. */
const MOST_COLUMNS = 12;
const MOST_PAIRS = 10;

/** Pairs worth looking at: times with times, and numbers whose names share a word. */
export function candidatePairs(columns: readonly ColumnProfile[]): readonly OrderedPair[] {
  const open = columns.filter(({ personal, present }) => !personal && present > 0);
  const times = open.filter(({ category }) => category === 'time').slice(0, MOST_COLUMNS);
  const numbers = open
    .filter(({ category, name }) => (category === 'whole' || category === 'number') && !isIdentifier(name))
    .slice(0, MOST_COLUMNS);
  return [...ordered(times, () => true), ...ordered(numbers, shareAWord)];
}

/** Numbers that stand for something, and are no amount of anything. */
export function isIdentifier(name: string): boolean {
  return ['id', 'key', 'no', 'nr', 'number', 'code', 'sk', 'pk', 'fk'].includes(wordsOf(name).at(-1) ?? '');
}

/** Without what follows from two others, and no more than anybody reads. */
export function tellingPairs(pairs: readonly OrderedPair[]): readonly OrderedPair[] {
  const follows = ({ low, high }: OrderedPair): boolean =>
    pairs.some(
      (first) => first.low === low && pairs.some((next) => next.low === first.high && next.high === high),
    );
  return pairs.filter((pair) => !follows(pair)).slice(0, MOST_PAIRS);
}

function ordered(
  columns: readonly ColumnProfile[],
  related: (a: string, b: string) => boolean,
): readonly OrderedPair[] {
  return columns.flatMap((low) =>
    columns
      .filter((high) => high !== low && related(low.name, high.name))
      .map((high) => ({ low: low.name, high: high.name })),
  );
}

function shareAWord(a: string, b: string): boolean {
  const words = new Set(wordsOf(a));
  return wordsOf(b).some((word) => word.length > 1 && words.has(word));
}
