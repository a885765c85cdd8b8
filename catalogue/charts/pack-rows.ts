/** Something that lasts. */
interface Lasting {
  readonly began: Date;
  readonly ended: Date;
}

/** Where it stands. */
export interface Placed<Item> {
  readonly item: Item;
  /** From 0. */
  readonly row: number;
  /** When its bar ends, ms since the epoch: later than itself where it would be too narrow to be seen. */
  readonly until: number;
}

/**
 * Puts what overlaps into rows below each other, each into the first that has room.
 *
 * @param narrowestMs no bar is shorter; by what it was made longer it may lie under the next one.
 * @param most rows there are: what fits into none of them stands in the last, over what is there.
 */
export function packRows<Item extends Lasting>(
  items: readonly Item[],
  narrowestMs: number,
  most: number,
): readonly Placed<Item>[] {
  const ends: number[] = [];
  return items
    .toSorted((a, b) => a.began.getTime() - b.began.getTime())
    .map((item) => {
      const began = item.began.getTime();
      const until = Math.max(item.ended.getTime(), began + narrowestMs);
      const free = ends.findIndex((end) => end <= began);
      const row = free >= 0 ? free : Math.min(ends.length, most - 1);
      ends[row] = Math.max(item.ended.getTime(), ends[row] ?? 0);
      return { item, row, until };
    });
}
