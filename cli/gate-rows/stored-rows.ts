import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import { renderTransaction } from '../../activities/gate/render-sql.ts';
import { postgresFault } from '../../activities/postgres-error.ts';
import { isList, isObject } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import type { Setting } from '../../models/window.ts';
import { Failure } from '../exit-codes.ts';

/** A promise of the verdict that did not hold. */
export interface BrokenPromise {
  /** Place in the suite, from 0. */
  readonly index: number;
  readonly type: string;
  readonly severity: string;
  readonly promise: string;
  /** What was found, in words; why it could not be evaluated where that is so. */
  readonly observed: string;
  readonly unexpectedCount: number | null;
  /** Failing rows, as many as the result keeps: the key of each and what the promise is about. */
  readonly rows: readonly JsonObject[];
  /** A transaction that lists all of them; null where no single row breaks it. */
  readonly sql: string | null;
}

/** The failing rows of a verdict, as they were when it was made. */
export interface StoredRows {
  readonly verdictId: string;
  readonly evaluationId: number;
  readonly model: string;
  readonly gate: string;
  readonly suite: string;
  readonly outcome: string;
  readonly rowsChecked: number | null;
  /** ISO 8601, UTC, as the others: the time that the batch was judged by. */
  readonly asOf: string;
  readonly evaluatedAt: string;
  readonly expiresAt: string;
  readonly workflowId: string;
  /** What was read; null where the gate could not be checked. */
  readonly relation: string | null;
  /** Whether it is gone, so that the SQL finds nothing to read. */
  readonly gone: boolean;
  /** Why the gate could not be checked; null when it could. */
  readonly reason: string | null;
  readonly broken: readonly BrokenPromise[];
  /** One transaction that lists the rows of all of them, one after the other; null where there is nothing to list. */
  readonly sql: string | null;
}

/**
 * Reads what is stored of a verdict: its latest evaluation.
 *
 * @param verdict its id, or the first letters of it.
 * @throws Failure (3) when there is none, more than one, when its result has expired, or when this login may not read.
 */
export async function readStoredRows(db: Database, verdict: string): Promise<StoredRows> {
  try {
    return await read(db, await findVerdict(db, verdict));
  } catch (error) {
    const state = postgresFault(error)?.sqlstate;
    if (state !== '42501') throw error;
    throw new Failure(
      'this login may not read the results of gates, which hold values of rows. An administrator may let it: grant weir_result_reader to it.',
    );
  }
}

/** Ids are 32 hexadecimal digits: the first letters are a range of the index. */
async function findVerdict(db: Database, verdict: string): Promise<string> {
  const digits = verdict.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{1,32}$/.test(digits))
    throw new Failure(
      `${verdict} is no verdict id: those are up to 32 hexadecimal digits. \`weir gate list\` shows what is held.`,
    );
  const { rows } = await sql<{ id: string; model: string; at: Date }>`
    select verdict_id::text as id, max(model) as model, max(evaluated_at) as at from control.gate_run
    where verdict_id between ${digits.padEnd(32, '0')}::uuid and ${digits.padEnd(32, 'f')}::uuid
    group by verdict_id order by at desc limit 6`.execute(db);
  const [found, ...more] = rows;
  if (found === undefined)
    throw new Failure(`no verdict begins with ${verdict}. \`weir gate list\` shows what is held.`);
  if (more.length === 0) return found.id;
  const list = rows.map(({ id, model, at }) => `  ${id}  ${model}, ${at.toISOString()}`);
  throw new Failure(`${verdict} fits more than one verdict; say more of it:\n${list.join('\n')}`);
}

async function read(db: Database, verdictId: string): Promise<StoredRows> {
  const row = await db
    .selectFrom('control.gate_run as run')
    .leftJoin('control.gate_result as kept', (join) =>
      join
        .onRef('kept.evaluation_id', '=', 'run.evaluation_id')
        .on('kept.expires_at', '>', sql<Date>`pg_catalog.now()`),
    )
    .where('run.verdict_id', '=', verdictId)
    .selectAll('run')
    .select(['kept.result', 'kept.queries', 'kept.expires_at'])
    .orderBy(sql`kept.evaluation_id is null`)
    .orderBy('run.evaluation_id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  const { result, queries, expires_at: expiresAt } = row;
  if (!isObject(result) || expiresAt === null)
    throw new Failure(
      `the result of verdict ${verdictId} has expired: it was evaluated at ${row.evaluated_at.toISOString()}, and values of rows are kept for 30 days.`,
    );
  const asked = readQueries(queries);
  const weir = objectAt(objectAt(result, 'meta'), 'weir');
  const broken = brokenPromises(result, asked);
  return {
    verdictId,
    evaluationId: row.evaluation_id,
    model: row.model,
    gate: row.gate,
    suite: row.suite,
    outcome: row.outcome,
    rowsChecked: row.rows_checked,
    asOf: row.as_of.toISOString(),
    evaluatedAt: row.evaluated_at.toISOString(),
    expiresAt: expiresAt.toISOString(),
    workflowId: row.workflow_id,
    relation: asked.relation?.join('.') ?? null,
    gone: asked.relation !== null && !(await exists(db, asked.relation)),
    reason: typeof weir['reason'] === 'string' ? weir['reason'] : null,
    broken,
    sql: allListed(broken, asked),
  };
}

/** What a statement lists stands before it. */
function allListed(broken: readonly BrokenPromise[], { settings, listed }: Queries): string | null {
  const statements = broken.flatMap(({ index, promise, observed }) => {
    const statement = listed[String(index)];
    if (typeof statement !== 'string') return [];
    // A line break would end the comment, other controls move the terminal.
    const comment = `${promise}: ${observed}`.replaceAll(/[\s\p{Cc}]+/gu, ' ');
    return [`-- ${comment}\n${statement}`];
  });
  return statements.length === 0 ? null : renderTransaction(settings, statements.join(';\n'));
}

interface Queries {
  readonly relation: readonly [schema: string, name: string] | null;
  readonly settings: readonly Setting[];
  readonly listed: JsonObject;
}

function readQueries(queries: unknown): Queries {
  const { relation = null, settings = null, listed = null } = isObject(queries) ? queries : {};
  const [schema, name] = isList(relation) ? relation : [];
  return {
    relation: typeof schema === 'string' && typeof name === 'string' ? [schema, name] : null,
    settings: (isList(settings) ? settings : []).flatMap((setting): Setting[] => {
      const [key, value] = isList(setting) ? setting : [];
      return typeof key === 'string' && typeof value === 'string' ? [[key, value]] : [];
    }),
    listed: isObject(listed) ? listed : {},
  };
}

/** A candidate is dropped when its load is published or given up. */
async function exists(db: Database, [schema, name]: readonly [string, string]): Promise<boolean> {
  const { rows } = await sql`
    select from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = ${name}`.execute(db);
  return rows.length > 0;
}

function brokenPromises(result: JsonObject, { settings, listed }: Queries): readonly BrokenPromise[] {
  const results = isList(result['results']) ? result['results'] : [];
  return results.flatMap((one, index): BrokenPromise[] => {
    if (!isObject(one) || one['success'] === true) return [];
    const config = objectAt(one, 'expectation_config');
    const found = objectAt(one, 'result');
    const { promise = null, observed = null } = objectAt(objectAt(one, 'meta'), 'weir');
    const raised = objectAt(one, 'exception_info');
    const type = textOf(config['type']);
    const statement = listed[String(index)];
    return [
      {
        index,
        type,
        severity: textOf(config['severity']),
        promise: promise === null ? type : textOf(promise),
        observed:
          raised['raised_exception'] === true
            ? `could not be evaluated: ${textOf(raised['exception_message'])}`
            : textOf(observed),
        unexpectedCount: typeof found['unexpected_count'] === 'number' ? found['unexpected_count'] : null,
        rows: rowsOf(found),
        sql: typeof statement === 'string' ? renderTransaction(settings, statement) : null,
      },
    ];
  });
}

/** Keys where the result has them, and else the values alone. */
function rowsOf(found: JsonObject): readonly JsonObject[] {
  const keyed = found['unexpected_index_list'] ?? found['partial_unexpected_index_list'];
  if (isList(keyed)) return keyed.filter(isObject);
  const values = found['partial_unexpected_list'];
  return isList(values) ? values.map((value) => (isObject(value) ? value : { value })) : [];
}

function objectAt(json: JsonObject, key: string): JsonObject {
  const value = json[key];
  return isObject(value) ? value : {};
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
