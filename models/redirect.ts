import { parseSync, scanSync } from 'libpg-query';
import { names } from './sql-tree.ts';
import { quoted } from './relation-name.ts';

/** What stands in a text instead of a relation: a checked, quoted name, or a query in parentheses; null: it stays. */
export type Redirect = (schema: string, name: string) => string | null;

interface Edit {
  /** Bytes of the UTF-8 text, as Postgres's parser counts. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Place {
  readonly schema: string;
  readonly name: string;
  readonly location: number;
}

interface Places {
  readonly relations: (Place & { readonly hasAlias: boolean })[];
  /** `schema.relation.column`. */
  readonly columns: Place[];
}

/**
 * A SELECT over other relations: every other byte of it stays as it is written, comments included, so that what is tried
 * is what is published later. A relation without an alias gets its own name as one, by which its columns go on to be
 * found.
 *
 * @param text one SELECT that has been parsed before (`parseSelect`).
 */
export function redirectRelations(text: string, to: Redirect): string {
  const places: Places = { relations: [], columns: [] };
  visit(places, parseSync(text).stmts?.[0]?.stmt);
  if (places.relations.length === 0) return text;
  const tokens = scanSync(text).tokens.filter(({ tokenName }) => !tokenName.endsWith('COMMENT'));
  const partsFrom = (location: number) => {
    const first = tokens.findIndex(({ start }) => start === location);
    return { schema: tokens[first], name: tokens[first + 2] };
  };
  const edits = places.relations.flatMap(({ schema, name, location, hasAlias }): readonly Edit[] => {
    const instead = to(schema, name);
    const end = partsFrom(location).name?.end;
    if (instead === null || end === undefined) return [];
    return [{ start: location, end, text: hasAlias ? instead : `${instead} as ${quoted(name)}` }];
  });
  const shortened = places.columns.flatMap(({ schema, name, location }): readonly Edit[] => {
    const start = partsFrom(location).name?.start;
    return to(schema, name) === null || start === undefined
      ? []
      : [{ start: location, end: start, text: '' }];
  });
  return edited(text, [...edits, ...shortened]);
}

function edited(text: string, edits: readonly Edit[]): string {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  let done = 0;
  let result = '';
  for (const { start, end, text: instead } of edits.toSorted((a, b) => a.start - b.start)) {
    result += decoder.decode(bytes.subarray(done, start)) + instead;
    done = end;
  }
  return result + decoder.decode(bytes.subarray(done));
}

function visit(places: Places, value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(places, item);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [tag, inner] of Object.entries(value)) {
    if (tag === 'RangeVar') noteRelation(places, inner);
    else if (tag === 'ColumnRef') noteColumn(places, inner);
    else visit(places, inner);
  }
}

function noteRelation({ relations }: Places, node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if (!('schemaname' in node) || !('relname' in node)) return;
  const { schemaname: schema, relname: name } = node;
  if (typeof schema !== 'string' || typeof name !== 'string') return;
  relations.push({ schema, name, location: locationOf(node), hasAlias: 'alias' in node });
}

function noteColumn({ columns }: Places, node: unknown): void {
  if (typeof node !== 'object' || node === null || !('fields' in node)) return;
  const [schema, name, column] = Array.isArray(node.fields) ? [...names(node.fields), ''] : [];
  if (!schema || !name || column === undefined || !Array.isArray(node.fields) || node.fields.length < 3)
    return;
  columns.push({ schema, name, location: locationOf(node) });
}

/** The parser leaves out what is 0. */
function locationOf(node: object): number {
  return 'location' in node && typeof node.location === 'number' ? node.location : 0;
}
