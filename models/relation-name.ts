import { namePattern } from './header-schema.ts';

const pattern = new RegExp(namePattern);

/** A column of a relation as the database has it. */
export interface Column {
  readonly name: string;
  /** As `format_type` writes it: `timestamp without time zone`. */
  readonly type: string;
}

/**
 * A checked name, quoted: names such as `order` are words of SQL.
 *
 * @throws Error for a name that no model's file may have.
 */
export function quoted(name: string): string {
  if (!pattern.test(name))
    throw new Error(`${JSON.stringify(name)} is not a name that models may use (${namePattern}).`);
  return `"${name}"`;
}

/** `"schema"."name"`. */
export function qualified(schema: string, name: string): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

/** `"a", "b"`, with `alias.` before each where one is given. */
export function listed(names: readonly string[], alias?: string): string {
  return names.map((name) => (alias === undefined ? quoted(name) : `${alias}.${quoted(name)}`)).join(', ');
}
