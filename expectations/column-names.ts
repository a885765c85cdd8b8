import { sql } from 'kysely';
import type { Measured } from './define-expectation.ts';
import { isList } from './json.ts';
import type { Scan, Sql } from './scan.ts';

/** The names of the batch's columns, in their order, as a measure: the catalogue knows them, nothing is scanned. */
export function columnNames(scan: Scan): Sql {
  return sql`to_jsonb(${scan.columns.map(({ name }) => name)}::text[])`;
}

/** Column names that were measured. */
export function namesOf(measured: Measured): readonly string[] {
  const names = measured['names'];
  return isList(names) ? names.filter((name) => typeof name === 'string') : [];
}

/** Whether two names are the same column: capitals do not count, as in Great Expectations. */
export function sameName(one: string | undefined, other: string | undefined): boolean {
  return folded(one) === folded(other);
}

/** Upper case first: then `größe` and `GRÖSSE` are one name. */
function folded(name: string | undefined): string | undefined {
  return name?.toUpperCase().toLowerCase();
}
