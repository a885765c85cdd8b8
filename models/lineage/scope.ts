import type { SelectStmt } from 'libpg-query';
import { computed, nowhere, united } from './origins.ts';
import type { Origins, OutputColumn } from './origins.ts';

/** What a query makes: its columns, and the columns that decide which rows there are. */
export interface Query {
  readonly columns: readonly OutputColumn[];
  readonly rows: Origins;
}

/** A relation that a FROM has brought in. */
export interface Relation {
  readonly schema: string | null;
  readonly alias: string;
  readonly columns: readonly OutputColumn[];
  /** Where columns come from that are not listed, as of a function of unknown result; null where all are listed. */
  readonly rest: Origins | null;
}

/** What names mean in one SELECT, and around it. */
export interface Scope {
  readonly relations: readonly Relation[];
  /** Columns that need no alias, in the order of a star; those that USING unites once. */
  readonly visible: readonly OutputColumn[];
  readonly outer: Scope | null;
  readonly ctes: ReadonlyMap<string, Query>;
  /** Origins of what the windows of a WINDOW clause are made of. */
  readonly windows: ReadonlyMap<string, Origins>;
}

/** What the parts that read a query share: the relations there are, and how to read a query inside another. */
export interface Reader {
  /** Columns of a relation; null when no such one is known. */
  readonly relation: (schema: string | null, name: string) => Pick<Relation, 'columns' | 'rest'> | null;
  readonly lineOf: (location: number | undefined) => number;
  /** Notes a name that nothing explains, and returns what stands for it. */
  readonly unknown: (name: string, line: number) => Origins;
  readonly select: (select: SelectStmt, outer: Scope | null, ctes: Scope['ctes']) => Query;
}

/** The scope of a SELECT that has read nothing yet. */
export function emptyScope(outer: Scope | null, ctes: Scope['ctes']): Scope {
  return { relations: [], visible: [], outer, ctes, windows: new Map() };
}

/** Columns that every table has and no list names. */
const system = ['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'];

/**
 * What a column's name means: `column`, `alias.column` or `schema.table.column`, in the innermost query that knows it.
 *
 * @returns null when none does.
 */
export function lookUp(scope: Scope, parts: readonly string[]): Origins | null {
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const found = within(at, parts);
    if (found !== null) return found;
  }
  return null;
}

/** The same in one query, without those around it. */
export function within(scope: Scope, parts: readonly string[]): Origins | null {
  const name = parts.at(-1) ?? '';
  if (parts.length === 1) return unqualified(scope, name);
  const relation = relationOf(scope, parts.slice(0, -1));
  if (relation === null) return null;
  const listed = relation.columns.filter((column) => column.name === name);
  if (listed.length > 0) return united(listed.map(({ origins }) => origins));
  return relation.rest ?? (system.includes(name) ? nowhere : null);
}

function unqualified({ relations, visible }: Scope, name: string): Origins | null {
  const listed = visible.filter((column) => column.name === name);
  if (listed.length > 0) return united(listed.map(({ origins }) => origins));
  // A relation's name alone is its whole row.
  const whole = relations.find(({ alias }) => alias === name);
  if (whole !== undefined) return wholeRow(whole);
  const open = relations.flatMap(({ rest }) => (rest === null ? [] : [rest]));
  if (open.length > 0) return united(open);
  return system.includes(name) && relations.length > 0 ? nowhere : null;
}

function wholeRow({ columns, rest }: Relation): Origins {
  return computed(united([...columns.map(({ origins }) => origins), rest ?? nowhere]));
}

/** The relation that `alias` or `schema.table` names in one query. */
export function relationOf({ relations }: Scope, parts: readonly string[]): Relation | null {
  const [schema, alias] = parts.length === 1 ? [null, parts[0]] : [parts.at(-2) ?? null, parts.at(-1)];
  return relations.find((one) => one.alias === alias && (schema === null || one.schema === schema)) ?? null;
}
