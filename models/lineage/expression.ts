import type { A_Indirection, ColumnRef, Node, SelectStmt } from 'libpg-query';
import { names } from '../sql-tree.ts';
import { computed, nowhere, placed, united } from './origins.ts';
import type { Origins, OutputColumn } from './origins.ts';
import { lookUp, relationOf } from './scope.ts';
import type { Reader, Scope } from './scope.ts';

/** Where an expression's value comes from: a column that stands alone is copied, of anything else something is made. */
export function valueOf(reader: Reader, scope: Scope, node: Node): Origins {
  return 'ColumnRef' in node
    ? columnOf(reader, scope, node.ColumnRef)
    : computed(mentioned(reader, scope, node));
}

/** Every column that a part of a query mentions, those of queries inside it included. */
export function mentioned(reader: Reader, scope: Scope, part: unknown): Origins {
  if (Array.isArray(part)) return united(part.map((one: unknown) => mentioned(reader, scope, one)));
  if (typeof part !== 'object' || part === null) return nowhere;
  return united(Object.entries(part).map(([tag, inner]) => ofTag(reader, scope, tag, inner)));
}

function ofTag(reader: Reader, scope: Scope, tag: string, inner: unknown): Origins {
  if (tag === 'A_Indirection' && isObject(inner)) {
    const field = fieldOf(reader, scope, inner);
    if (field !== null) return field;
  }
  if (tag === 'ColumnRef' && isObject(inner)) return columnOf(reader, scope, inner);
  if (tag === 'SelectStmt' && isObject(inner)) return ofSelect(reader, scope, inner);
  if (tag === 'over' && isObject(inner)) {
    const named = [inner['name'], inner['refname']].flatMap((name) =>
      typeof name === 'string' ? [scope.windows.get(name) ?? nowhere] : [],
    );
    return united([...named, mentioned(reader, scope, inner)]);
  }
  return mentioned(reader, scope, inner);
}

/** A query inside an expression: what it returns, and what decides which rows it returns. */
function ofSelect(reader: Reader, scope: Scope, select: SelectStmt): Origins {
  const query = reader.select(select, scope, scope.ctes);
  return computed(united([...query.columns.map(({ origins }) => origins), query.rows]));
}

function columnOf(reader: Reader, scope: Scope, { fields = [], location }: ColumnRef): Origins {
  const line = reader.lineOf(location);
  const stars = starColumns(scope, fields);
  if (stars !== null) return placed(computed(united(stars.map(({ origins }) => origins))), line);
  const parts = names(fields);
  const found = lookUp(scope, parts);
  return found === null ? reader.unknown(parts.join('.'), line) : placed(found, line);
}

/** `(alias).column` is that column; null for any other part of a value. */
function fieldOf(reader: Reader, scope: Scope, { arg, indirection = [] }: A_Indirection): Origins | null {
  const of = arg !== undefined && 'ColumnRef' in arg ? names(arg.ColumnRef.fields) : [];
  const [field] = indirection;
  if (of.length !== 1 || field === undefined || !('String' in field)) return null;
  const found = lookUp(scope, [...of, field.String.sval ?? '']);
  const line = reader.lineOf(arg !== undefined && 'ColumnRef' in arg ? arg.ColumnRef.location : 0);
  return found === null ? null : placed(found, line);
}

/** The columns that `*` or `alias.*` stands for; null where a reference is no star or its relation is not here. */
export function starColumns(scope: Scope, fields: readonly Node[]): readonly OutputColumn[] | null {
  const last = fields.at(-1);
  if (last === undefined || !('A_Star' in last)) return null;
  if (fields.length === 1) return scope.visible;
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const relation = relationOf(at, names(fields.slice(0, -1)));
    if (relation !== null) return relation.columns;
  }
  return null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
