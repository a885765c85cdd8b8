import { sql } from 'kysely';
import { readColumns } from '../../activities/columns.ts';
import type { Database, DatabaseTransaction } from '../../activities/databases.ts';
import { defineFor } from '../../activities/deploy/catalog.ts';
import { define } from '../../activities/deploy/statement.ts';
import { applySettings, applyWindow, workMem } from '../../activities/load-window.ts';
import { timedDeltas } from '../../models/deltas.ts';
import { isPublished } from '../../models/model.ts';
import type { Model, PublishedModel } from '../../models/model.ts';
import { redirectRelations } from '../../models/redirect.ts';
import { listed, qualified, quoted } from '../../models/relation-name.ts';
import type { Column } from '../../models/relation-name.ts';
import { candidateRows } from '../../models/statements/stage.ts';
import { compareWithPublished } from './compare.ts';
import type { Comparison } from './compare.ts';
import { keysTable, scratchReferences } from './references.ts';
import { makeScratch } from './schema.ts';
import type { Scratch } from './scratch.ts';

/** A copy of a model, and how it compares with what is published. */
export interface Built {
  readonly model: Exclude<Model, { kind: 'source' }>;
  readonly rows: number;
  /** Null for a view, and for a model that has no table yet. */
  readonly comparison: Comparison | null;
  /** Whether the span bounds what it reads; null where there is no span. */
  readonly bounded: boolean | null;
}

/**
 * Builds the copies, each from the model's own text, in one transaction that reads one picture of production and writes
 * nothing of it.
 *
 * @param admin a login that may make schemas.
 * @throws ApplicationFailure `InvalidModel` naming the file whose SELECT Postgres refuses; nothing is left then.
 */
export async function buildScratch(admin: Database, scratch: Scratch): Promise<readonly Built[]> {
  return await admin
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      await makeScratch(trx, scratch.schema);
      await applyWindow(trx, scratch.window, scratch.asOf);
      await applySettings(trx, [workMem]);
      const columns = new Map<string, readonly Column[]>();
      const built: Built[] = [];
      for (const model of scratch.models) {
        if (model.kind === 'source') continue;
        const bounded = await buildCopy(trx, scratch, columns, model);
        columns.set(model.name, await readColumns(trx, scratch.schema, model.name));
        built.push({ model, bounded, ...(await measure(trx, scratch, model, bounded === true)) });
      }
      await define(trx, `grant usage on schema ${quoted(scratch.schema)} to weir_validator`);
      await define(trx, `grant select on all tables in schema ${quoted(scratch.schema)} to weir_validator`);
      return built;
    });
}

async function measure(
  trx: DatabaseTransaction,
  scratch: Scratch,
  model: Exclude<Model, { kind: 'source' }>,
  bounded: boolean,
): Promise<Pick<Built, 'rows' | 'comparison'>> {
  const { rows } = await sql<{ rows: number }>`
    select count(*) as rows from ${sql.id(scratch.schema, model.name)}`.execute(trx);
  const comparison = isPublished(model) ? await compareWithPublished(trx, scratch, model, bounded) : null;
  return { rows: rows[0]?.rows ?? 0, comparison };
}

/** @returns whether the span bounds it. */
async function buildCopy(
  trx: DatabaseTransaction,
  scratch: Scratch,
  columns: ReadonlyMap<string, readonly Column[]>,
  model: Exclude<Model, { kind: 'source' }>,
): Promise<boolean | null> {
  const to = scratchReferences(scratch, columns);
  const text = redirectRelations(model.sql, to);
  const copy = qualified(scratch.schema, model.name);
  if (!isPublished(model)) {
    await defineFor(trx, model.file, `create view ${copy} as\n${text}`);
    return null;
  }
  if (model.shape.kind === 'touched')
    await touchKeys(trx, scratch, model, (query) => redirectRelations(query, to));
  // Once without rows, so that what Postgres refuses is said with the file's name.
  await defineFor(trx, model.file, `create unlogged table ${copy} as\n${text}\nwith no data`);
  const names = (await readColumns(trx, scratch.schema, model.name)).map(({ name }) => sql.ref(name));
  await sql`insert into ${sql.id(scratch.schema, model.name)} (${sql.join(names)})
    ${candidateRows({ ...model, sql: text })}`.execute(trx);
  await define(trx, `analyze ${copy}`);
  return scratch.span === null ? null : timedDeltas(model, scratch.graph).length > 0;
}

async function touchKeys(
  trx: DatabaseTransaction,
  scratch: Scratch,
  model: PublishedModel,
  redirected: (query: string) => string,
): Promise<void> {
  const [, name] = keysTable(model.name);
  const keys = keysSelect(scratch, model, redirected);
  if (keys === null) return;
  const making = `create temporary table ${quoted(name)} on commit drop as ${keys}`;
  await defineFor(trx, model.file, making);
  await define(trx, `analyze ${qualified('pg_temp', name)}`);
}

/**
 * The keys that all of the deltas touch, or within a span those that have a time. A query that reads the model's own
 * table is left out: a copy begins with no rows that somebody could look up. Null for a model that is not touched.
 */
export function keysSelect(
  { graph, span }: Pick<Scratch, 'graph' | 'span'>,
  model: PublishedModel,
  redirected: (query: string) => string,
): string | null {
  if (model.shape.kind !== 'touched') return null;
  const timed = timedDeltas(model, graph);
  const asked = model.shape.queries
    .filter(({ references }) => !references.some(({ name }) => name === model.name))
    .filter(({ delta }) => span === null || timed.length === 0 || timed.includes(delta));
  const key = listed(model.uniqueKey);
  const queries = asked.map(({ sql: query }) => `select ${key} from (\n${redirected(query)}\n) as asked`);
  const present = model.uniqueKey.map((column) => `${quoted(column)} is not null`).join(' and ');
  return `select ${key} from (${queries.join('\nunion\n')}) as keys where ${present}`;
}
