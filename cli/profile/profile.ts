import type { Member } from '../../expectations/value-set.ts';
import type { CatalogueColumn } from '../../expectations/scan.ts';

/** What a draft is made from: figures of a table, never its rows. */
export interface TableProfile {
  readonly relation: readonly [schema: string, name: string];
  readonly rows: number;
  /** ISO 8601: the time it is judged by. */
  readonly asOf: string;
  /** In the table's order, without those that Weir keeps for itself. */
  readonly columns: readonly ColumnProfile[];
  /** Those: a candidate has not all of them, so that nothing is promised about them. */
  readonly own: readonly string[];
  readonly keys: readonly Key[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly pairs: readonly OrderedPair[];
}

/** What is known of one column. */
export interface ColumnProfile extends CatalogueColumn {
  /** Whether the catalogue refuses NULL. */
  readonly notNull: boolean;
  /** Whether no value of it may be shown, by a model's header or by its name. */
  readonly personal: boolean;
  /** Rows that have a value. */
  readonly present: number;
  /** Lowest and highest value as text, of numbers and times (ISO 8601); null for others and where there is none. */
  readonly lowest: string | null;
  readonly highest: string | null;
  /** Characters of the shortest and the longest text; null for others and where there is none. */
  readonly shortest: number | null;
  readonly longest: number | null;
  readonly found: Found | null;
}

/** What the sample shows of a column. */
export interface Found {
  /** Rows of the sample that have a value, and how many of the values differ. */
  readonly present: number;
  readonly different: number;
  /** All values of the table, where they are few. */
  readonly values: readonly Member[] | null;
  /** Names of the text classes that every value belongs to. */
  readonly classes: readonly string[];
  /** The commonest shapes; none where none was looked for. */
  readonly shapes: readonly Shape[];
}

/** Texts that look alike. */
export interface Shape {
  /** Digits as 9, letters as A and a, all else as it is. */
  readonly shape: string;
  readonly rows: number;
  /** What all of them begin with. */
  readonly prefix: string;
}

/** Columns whose combination is unique. */
export interface Key {
  readonly columns: readonly string[];
  /** Name of the unique index that says so; null where only the data does. */
  readonly index: string | null;
}

/** Columns whose values are those of another table. */
export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly target: readonly [schema: string, name: string];
  readonly targetColumns: readonly string[];
}

/** Two columns of which one is never below the other. */
export interface OrderedPair {
  readonly low: string;
  readonly high: string;
}
