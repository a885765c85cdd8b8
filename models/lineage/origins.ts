/** Whether a value is taken over as it is, or something is made of it. */
export type Made = 'copied' | 'computed';

/** A column that a value comes from, and the line (from 1) of the SQL that names it. */
export interface Origin {
  readonly relation: string;
  readonly column: string;
  readonly made: Made;
  /** 0 while no one has named it yet. */
  readonly line: number;
}

/** Where a value comes from: each column once. */
export type Origins = ReadonlyMap<string, Origin>;

/** A column of a relation or query. */
export interface OutputColumn {
  readonly name: string;
  readonly origins: Origins;
}

/** Of a value that comes from no column: a constant, a count of rows, the clock. */
export const nowhere: Origins = new Map();

export function originOf(relation: string, column: string, line = 0): Origins {
  return new Map([[`${relation}.${column}`, { relation, column, made: 'copied', line }]]);
}

/** All of them; what is computed in one of them is computed, and the first line stands. */
export function united(all: Iterable<Origins>): Origins {
  const found = new Map<string, Origin>();
  for (const origins of all) {
    for (const [key, origin] of origins) {
      const other = found.get(key);
      if (other === undefined) found.set(key, origin);
      else if (origin.made === 'computed') found.set(key, { ...other, made: 'computed' });
    }
  }
  return found;
}

/** The same columns, with something made of them. */
export function computed(origins: Origins): Origins {
  return new Map([...origins].map(([key, origin]) => [key, { ...origin, made: 'computed' }]));
}

/** The same, named on a line where they have none yet. */
export function placed(origins: Origins, line: number): Origins {
  return new Map(
    [...origins].map(([key, origin]) => [key, origin.line === 0 ? { ...origin, line } : origin]),
  );
}
