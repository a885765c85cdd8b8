/** Postgres's names of types for which SQLAlchemy, and so Great Expectations, has another. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'character varying': 'VARCHAR',
  character: 'CHAR',
};

/**
 * A type as Great Expectations names it: `character varying(10)` is `VARCHAR(10)`, `numeric(12,2)` is `NUMERIC(12, 2)`.
 *
 * @param type as Postgres's `format_type` names it.
 */
export function greatExpectationsType(type: string): string {
  const match = /^([a-z ]+?)(\([\d,]+\))?([a-z ]*)((?:\[\])*)$/.exec(type);
  if (match === null) return type.toUpperCase();
  const [, name = '', size = '', rest = '', array = ''] = match;
  const own = OTHER_NAMES[name] ?? name.toUpperCase();
  return `${own}${size.replace(',', ', ')}${rest.toUpperCase()}${array}`;
}
