import type { Database } from '../databases.ts';
import { nameOf, readKept } from './kept-rows.ts';
import type { Kept, KeptFilter } from './kept-rows.ts';

/**
 * What was named and does not wait, with the reason of each: a slip of the hand is not answered with silence.
 *
 * @param waiting what the filter found waiting.
 */
export async function notWaiting(
  db: Database,
  { ids = [] }: KeptFilter,
  waiting: readonly Kept[],
): Promise<readonly string[]> {
  const found = new Set(waiting.map(({ id }) => id));
  const missing = ids.filter((place) => !found.has(nameOf(place)));
  if (missing.length === 0) return [];
  const decided = new Map((await readKept(db, { ids: missing })).map((one) => [one.id, one.state]));
  return missing.map((place) => {
    const id = nameOf(place);
    const state = decided.get(id);
    if (state === 'released') return `${id}: it is released already`;
    if (state === 'superseded')
      return `${id}: it is superseded, something later stands under its key or file`;
    return `${id}: nothing is kept under that name, or it has expired`;
  });
}
