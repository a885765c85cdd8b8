import { sql } from 'kysely';
import { isObject } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { WORKFLOW_OF } from '../../models/grain.ts';
import type { Graph } from '../../models/graph.ts';
import type { GateHeader, Model } from '../../models/model.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { CannotGate, evaluationError } from './fault.ts';

/** More values than this are no list to compare with. */
const MOST_VALUES = 1_000_000;

interface QueriedValues {
  readonly list: readonly Json[] | null;
}

/**
 * The values of a gate's parameters: literals as they stand, queries as they answer now, each as a list of the values
 * of its first column.
 *
 * @throws CannotGate when a query gives no row, too many, or an error; it names what to run first.
 */
export async function readParameters(
  trx: DatabaseTransaction,
  parameters: GateHeader['parameters'],
  graph: Graph,
): Promise<JsonObject> {
  const values: Record<string, Json> = {};
  for (const [name, source] of Object.entries(parameters)) {
    values[name] = isQuery(source) ? await queryValues(trx, name, source.query, graph) : source;
  }
  return values;
}

/** Names of the parameters whose values are the column of a query. */
export function queriedParameters(parameters: GateHeader['parameters']): ReadonlySet<string> {
  return new Set(Object.entries(parameters).flatMap(([name, source]) => (isQuery(source) ? [name] : [])));
}

/** Names of the parameters whose query names a column that is marked personal in a model it reads, or takes all of them. */
export function personalParameters(parameters: GateHeader['parameters'], graph: Graph): ReadonlySet<string> {
  const isPersonal = (query: string): boolean => {
    const all = query.replaceAll(/count\s*\(\s*\*\s*\)/gi, '').includes('*');
    return modelsRead(query, graph).some(({ columns }) =>
      Object.entries(columns).some(([name, { personal }]) => personal && (all || hasWord(query, name))),
    );
  };
  return new Set(
    Object.entries(parameters).flatMap(([name, source]) =>
      isQuery(source) && isPersonal(source.query) ? [name] : [],
    ),
  );
}

function hasWord(query: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`, 'i').test(query);
}

function isQuery(source: GateHeader['parameters'][string]): source is { readonly query: string } {
  return isObject(source);
}

async function queryValues(
  trx: DatabaseTransaction,
  name: string,
  query: string,
  graph: Graph,
): Promise<Json> {
  // The text is a model's header, SQL by nature like the model itself. The bound LIMIT makes Postgres take it as one
  // statement: with a parameter it refuses several.
  // oxlint-disable-next-line no-restricted-properties -- The text is a file of this repository; no value is put into it.
  const text = sql.raw(query.replace(/[\s;]+$/, ''));
  const list = await sql<QueriedValues>`
    select pg_catalog.jsonb_agg(q.value) as list from (select * from (${text}
    ) as given limit ${MOST_VALUES + 1}) as q(value)`
    .execute(trx)
    .then(({ rows }) => rows[0]?.list ?? [])
    .catch((error: unknown) => {
      const { reason } = evaluationError(error) ?? {};
      if (reason === undefined) throw error;
      throw new CannotGate(`the query of parameter ${name} failed: ${reason}. ${whatToRun(query, graph)}`);
    });
  if (list.length === 0)
    throw new CannotGate(`the query of parameter ${name} gave no rows. ${whatToRun(query, graph)}`);
  if (list.length > MOST_VALUES)
    throw new CannotGate(`the query of parameter ${name} gave more than ${MOST_VALUES} rows.`);
  return list;
}

/** Names the models a query reads, and the workflow that loads them. */
function whatToRun(query: string, graph: Graph): string {
  const read = modelsRead(query, graph);
  if (read.length === 0) return 'Fill what it reads first.';
  return read
    .map(({ relation, schedule }) => `Run ${WORKFLOW_OF[schedule]} first: it loads ${relation}.`)
    .join(' ');
}

function modelsRead(query: string, graph: Graph): readonly Model[] {
  return [...graph.byName.values()].filter(({ relation }) => {
    const [schema, name] = relation.split('.');
    return new RegExp(`\\b${schema}"?\\s*\\.\\s*"?${name}\\b`, 'i').test(query);
  });
}
