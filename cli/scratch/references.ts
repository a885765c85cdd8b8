import { redirectRelations } from '../../models/redirect.ts';
import type { Redirect } from '../../models/redirect.ts';
import type { Column } from '../../models/relation-name.ts';
import { qualified, quoted } from '../../models/relation-name.ts';
import { builtNames } from './scratch.ts';
import type { Scratch } from './scratch.ts';

/** The keys of a touched model, for as long as the building lasts. */
export function keysTable(model: string): readonly [schema: string, name: string] {
  return ['pg_temp', `${model}_keys`];
}

/**
 * Where the text of a model reads in a scratch copy: from copies where there are some, from production where not.
 *
 * @param columns of the copies that are there, by model: those with a time column are bounded to the span as deltas.
 */
export function scratchReferences(
  scratch: Pick<Scratch, 'schema' | 'graph' | 'models' | 'span'>,
  columns: ReadonlyMap<string, readonly Column[]>,
): Redirect {
  return (schema, name) => {
    if (schema === 'touched') return qualified(...keysTable(name));
    if (!columns.has(name)) return null;
    const copy = qualified(scratch.schema, name);
    const bound = schema === 'delta' ? inSpan(scratch, name, columns.get(name) ?? []) : null;
    return bound === null ? copy : `(select * from ${copy} where ${bound})`;
  };
}

/** SQL that is true for the rows of a relation within the span; null where it has no time or there is no span. */
export function inSpan(
  { graph, span }: Pick<Scratch, 'graph' | 'span'>,
  name: string,
  columns: readonly Column[],
): string | null {
  const time = graph.byName.get(name)?.timeColumn ?? null;
  const type = columns.find((column) => column.name === time)?.type;
  if (span === null || time === null || type === undefined) return null;
  const at = (instant: string): string => {
    // It becomes part of a text: a time that has been read and written again, and nothing else.
    const literal = `'${new Date(instant).toISOString()}'::timestamptz`;
    return type === 'timestamp with time zone' ? literal : `(${literal} at time zone 'UTC')`;
  };
  return `${quoted(time)} >= ${at(span.start)} and ${quoted(time)} < ${at(span.end)}`;
}

/**
 * The query of a gate's parameter over the copies: what the model reads comes from there, its own table is the published
 * one. A text that Postgres does not parse stays as it is, so that the gate says what is wrong with it.
 */
export function redirectedQuery(scratch: Scratch, model: string, query: string): string {
  const built = builtNames(scratch);
  const to: Redirect = (schema, name) =>
    schema !== 'delta' && name !== model && built.has(name) ? qualified(scratch.schema, name) : null;
  try {
    return redirectRelations(query, to);
  } catch {
    return query;
  }
}
