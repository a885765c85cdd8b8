import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from '../../../activities/databases.ts';
import { readBatchColumns } from '../../../activities/gate/batch-columns.ts';
import { evaluateSuite } from '../../../activities/gate/evaluate.ts';
import type { Batch, Run } from '../../../expectations/compile.ts';
import { isAskable } from '../../../expectations/compile.ts';
import { isList, isObject } from '../../../expectations/json.ts';
import type { Json, JsonObject } from '../../../expectations/json.ts';
import { suiteResult } from '../../../expectations/judge.ts';
import type { Suite } from '../../../expectations/suite.ts';
import { suiteOf } from '../../expectations/suite-text.ts';

/** What is asked, and of what. */
export interface Question {
  /** Of schema `proofs` where it names none. */
  readonly relation?: string;
  readonly schema?: string;
  readonly batch?: Partial<Batch>;
  readonly run?: Partial<Run>;
  /** Runs when the snapshot has been taken and before anything is asked. */
  readonly meanwhile?: () => Promise<void>;
  /** Runs just before the planner is asked what constraints contradict. */
  readonly beforePlan?: () => Promise<void>;
}

/** What became of one promise: whether it holds, and what proved it. */
export interface Proved {
  readonly success: boolean;
  readonly proof: string | null;
}

/** Rows break the promise although a constraint looks as if it proved it. */
export interface Trap {
  readonly because: string;
  readonly statements: readonly string[];
  readonly promise: JsonObject;
  readonly question?: Question;
}

/** Sets a trap up, in one session, and asks its promise. */
export async function askTrap(db: Database, { statements, promise, question }: Trap): Promise<Proved> {
  await db.connection().execute((one) => setUp(one, ...statements));
  return prove(db, promise, question);
}

/** Asks one promise of a relation. */
export async function prove(db: Database, promise: JsonObject, question: Question = {}): Promise<Proved> {
  const { outcomes } = await askRelation(db, suiteOf([promise]), question);
  const [only] = outcomes;
  if (only === undefined) throw new Error('nothing was asked');
  return only;
}

/** Asks a suite of a relation that is there. */
export async function askRelation(
  db: Database,
  suite: Suite,
  { relation = 't', schema = 'proofs', batch = {}, run = {}, meanwhile, beforePlan }: Question = {},
): Promise<{ readonly outcomes: readonly Proved[]; readonly json: Json }> {
  const reading = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return reading.execute(async (snapshot) => {
    const trx = beforePlan === undefined ? snapshot : interrupted(snapshot, beforePlan);
    await sql`select 1`.execute(trx);
    await meanwhile?.();
    const columns = await readBatchColumns(trx, { schema, table: relation });
    const full: Batch = { relation: [schema, relation], collapse: null, columns, key: [], ...batch };
    const asked: Run = { values: {}, asOf: '2017-01-01T10:00:00.000Z', format: null, ...run };
    const found = await evaluateSuite(trx, suite, full, asked);
    const outcomes = found.judged.map(({ entry, success }) => ({
      success,
      proof: isAskable(entry) && entry.proof !== null ? `${entry.proof.by}: ${entry.proof.text}` : null,
    }));
    const json = suiteResult(suite, found.judged, found, { parameters: {}, meta: {} });
    return { outcomes, json: withoutOrigin(json) };
  });
}

/** A transaction that does something else once, between the look at the catalogue and the plan. */
function interrupted(trx: DatabaseTransaction, work: () => Promise<void>): DatabaseTransaction {
  let done = false;
  return trx.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      const isCatalogue = result.rows.some((row) => 'unvalidated' in row);
      if (isCatalogue && !done) {
        done = true;
        await work();
      }
      return result;
    },
  });
}

/** Results as they are, but for where their numbers came from. */
function withoutOrigin(json: Json): Json {
  if (isList(json)) return json.map(withoutOrigin);
  if (!isObject(json)) return json;
  const kept = Object.entries(json).filter(([name]) => name !== 'from' && name !== 'proof');
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutOrigin(value)]));
}

/** Runs DDL and data of a test, one statement after the other. */
export async function setUp(
  db: Database | DatabaseTransaction,
  ...statements: readonly string[]
): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** The schema that tests make their tables in. */
export function emptySchema(db: Database): Promise<void> {
  return setUp(db, 'drop schema if exists proofs, proofs2 cascade', 'create schema proofs');
}
