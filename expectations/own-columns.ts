/** Columns that Weir keeps for itself. A table has all of them, a candidate some. */
export const ownColumns: ReadonlySet<string> = new Set([
  '_xid',
  '_source',
  '_revision',
  '_load',
  '_position',
  '_record_hash',
]);
