import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from '../../activities/databases.ts';
import { define } from '../../activities/deploy/statement.ts';
import { layers } from '../../models/model.ts';
import { namePattern } from '../../models/header-schema.ts';
import { quoted } from '../../models/relation-name.ts';
import { Failure } from '../exit-codes.ts';

/** What a scratch schema says of itself: only such a one is built into or dropped. */
const MARK =
  'weir scratch: copies of models, made by weir run --schema; weir run --schema drops it with --drop';

const ours = [
  ...layers,
  'delta',
  'touched',
  'changes',
  'candidate',
  'control',
  'as_of',
  'migration',
  'public',
];

/** @throws Failure (3) for a name that is no name, or one of Weir's or Postgres's own. */
export function checkScratchName(schema: string): void {
  if (!new RegExp(namePattern).test(schema))
    throw new Failure(
      `--schema ${schema}: a name has small letters, digits and _, at most 63 of them, such as try_me`,
    );
  if (ours.includes(schema) || schema.startsWith('pg_') || schema === 'information_schema')
    throw new Failure(
      `--schema ${schema} is not yours to build in: it belongs to Weir or to Postgres. Name a new one, such as try_me`,
    );
}

async function markOf(db: Database, schema: string): Promise<'none' | 'scratch' | 'foreign'> {
  const { rows } = await sql<{ mark: string | null }>`
    select obj_description(oid, 'pg_namespace') as mark from pg_catalog.pg_namespace where nspname = ${schema}`.execute(
    db,
  );
  const [row] = rows;
  if (row === undefined) return 'none';
  return row.mark === MARK ? 'scratch' : 'foreign';
}

/**
 * Makes the schema anew, empty.
 *
 * @throws Failure (3) where one of that name is there that Weir has not made.
 */
export async function makeScratch(trx: DatabaseTransaction, schema: string): Promise<void> {
  const there = await markOf(trx, schema);
  if (there === 'foreign') throw foreign(schema);
  if (there === 'scratch') await define(trx, `drop schema ${quoted(schema)} cascade`);
  await define(trx, `create schema ${quoted(schema)}`);
  await define(trx, `comment on schema ${quoted(schema)} is '${MARK}'`);
}

/** @throws Failure (3) where there is none, or one that Weir has not made. */
export async function dropScratch(db: Database, schema: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const there = await markOf(trx, schema);
    if (there === 'foreign') throw foreign(schema);
    if (there === 'none') throw new Failure(`there is no schema ${schema}`);
    await define(trx, `drop schema ${quoted(schema)} cascade`);
  });
}

function foreign(schema: string): Failure {
  return new Failure(`the schema ${schema} is there and was not made by weir run --schema: name another one`);
}
