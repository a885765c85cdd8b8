import type { Graph } from '../../models/graph.ts';
import { lineageOf, writtenColumns } from '../../models/lineage.ts';
import { traceUp, type Trace } from '../../models/lineage/trace.ts';
import { isSource, versionColumns, type Model } from '../../models/model.ts';
import { didYouMean } from '../../expectations/suggestion.ts';
import { isPostgresUrl } from '../../workers/settings.ts';
import { askPostgres } from '../doctor/ask-postgres.ts';
import { Failure } from '../exit-codes.ts';

/** A column that a new file is about. */
export interface KnownColumn {
  readonly name: string;
  /** Of the source that it is a copy of; null where it is computed. */
  readonly type: string | null;
}

/** The model of a name, with or without its layer. @throws Failure (3) where there is none. */
export function modelNamed(graph: Graph, name: string): Model {
  const found = graph.models.find((one) => one.name === name || one.relation === name);
  if (found !== undefined) return found;
  const known = graph.models.map((one) => one.name);
  throw new Failure(`there is no model or source ${name}. ${didYouMean(name, known)}`.trim());
}

/** The same, with types as the database has them where files do not say them and it can be asked. */
export async function typedColumnsOf(graph: Graph, model: Model): Promise<readonly KnownColumn[]> {
  const columns = columnsOf(graph, model);
  if (columns.every(({ type }) => type !== null)) return columns;
  const types = await deployedTypes(model.relation);
  return columns.map(({ name, type }) => ({ name, type: type ?? types[name] ?? null }));
}

async function deployedTypes(relation: string): Promise<Readonly<Record<string, string>>> {
  const url = process.env['DATABASE_URL'] ?? '';
  if (!isPostgresUrl(url)) return {};
  try {
    const { types } = await askPostgres<{ types: Readonly<Record<string, string>> }>(
      url,
      `select coalesce(json_object_agg(attname, format_type(atttypid, atttypmod)), '{}') as types
       from pg_catalog.pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
      [relation],
    );
    return types;
  } catch {
    // A file can be written without a database too.
    return {};
  }
}

/** What somebody who reads a relation finds there, without what Weir keeps for itself. */
export function columnsOf(graph: Graph, model: Model): readonly KnownColumn[] {
  if (isSource(model))
    return Object.entries(model.columns).map(([name, { type }]) => ({ name, type: type ?? 'text' }));
  const lineage = lineageOf(graph);
  return writtenColumns(model, lineage)
    .filter((name) => !OF_WEIR.has(name))
    .map((name) => ({ name, type: typeOf(graph, traceUp({ graph, lineage }, model.relation, name)) }));
}

const OF_WEIR: ReadonlySet<string> = new Set([...versionColumns, 'loaded_at', '_xid', '_record_hash']);

/** A copy of a copy has the type of the source. */
function typeOf(graph: Graph, trace: Trace): string | null {
  const source = graph.models.filter(isSource).find(({ relation }) => relation === trace.relation);
  if (source !== undefined) return source.columns[trace.column]?.type ?? null;
  const copied = trace.next.filter(({ how }) => how === 'copied');
  const [only] = copied;
  return only !== undefined && copied.length === 1 ? typeOf(graph, only) : null;
}

/** A value that a column of a type can have, as YAML; null of a type that is not known. */
export function sampleOf(type: string | null): string | null {
  if (type === null || type.endsWith('[]')) return null;
  return SAMPLES.find(([pattern]) => pattern.test(type))?.[1] ?? null;
}

const SAMPLES: readonly (readonly [type: RegExp, value: string])[] = [
  [/^(text|varchar|character|char|citext)/i, 'A'],
  [/^(smallint|integer|int|bigint|numeric|decimal|real|double)/i, '1'],
  [/^timestamp/i, "'2017-01-02T08:00:00'"],
  [/^date/i, "'2017-01-02'"],
  [/^time/i, "'08:00'"],
  [/^bool/i, 'true'],
];
