import { bytesOf } from './text.ts';

/**
 * Temporal takes 2 KB a search attribute and 40 KB of them all; above that the workflow task fails for ever. Weir sets
 * six, so a kilobyte and a half each is far from both.
 *
 * @see https://docs.temporal.io/search-attribute#limits
 */
const LIST_BYTES = 1_500;

/**
 * Names as a keyword list that Temporal takes: as many as fit, in the order given, and then how many more there are.
 *
 * @returns each name once; `['a', 'b', 'and 138 more']`.
 */
export function keywords(names: readonly string[]): string[] {
  const all = [...new Set(names)];
  const kept = all.slice(0, fitting(all));
  return kept.length === all.length ? kept : [...kept, `and ${all.length - kept.length} more`];
}

function fitting(names: readonly string[]): number {
  let bytes = bytesOf('[]') + bytesOf('"and 100000 more"');
  for (const [index, name] of names.entries()) {
    bytes += bytesOf(`${JSON.stringify(name)},`);
    if (bytes > LIST_BYTES) return index;
  }
  return names.length;
}
