import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { ApplicationFailure } from '@temporalio/activity';
import type { ControlTables, Database, DatabaseTransaction } from '../../activities/databases.ts';
import { fillCandidate } from '../../activities/fill-candidate.ts';
import { renderCompiled } from '../../activities/gate/render-sql.ts';
import { applySettings, loadSettings, workMem } from '../../activities/load-window.ts';
import type { LoadRow } from '../../activities/load.ts';
import { writeCandidate } from '../../activities/write-candidate.ts';
import type { PublishedModel } from '../../models/model.ts';
import type { Window } from '../../models/window.ts';

/** What a load sends, by station, each as text that psql reads. */
export interface SentSql {
  readonly stage: readonly string[];
  readonly publish: readonly string[];
  /** Why there is no more of it; null where it is whole. */
  readonly ends: string | null;
}

/**
 * The statements by which a load would stage and publish: those that the stations themselves send, written down instead of
 * sent. What they ask of the catalogue is asked; what they count is answered so that they take the usual way, with rows to
 * publish and none set aside or retracted.
 */
export async function sentSql(
  trx: DatabaseTransaction,
  model: PublishedModel,
  window: Window,
  asOf: string,
): Promise<SentSql> {
  const load = exampleLoad(model, window, asOf);
  const stage: string[] = [];
  const publish: string[] = [];
  try {
    await recording(trx, stage, async (recorded) => {
      await applySettings(recorded, [...loadSettings(load), workMem]);
      await fillCandidate(recorded, model, load, load.candidate ?? '');
    });
    await recording(trx, publish, (recorded) => writeCandidate(recorded, model, load));
    return { stage, publish, ends: null };
  } catch (error) {
    if (error instanceof ApplicationFailure) return { stage, publish, ends: error.message };
    throw error;
  }
}

/** Load 0 stands for the one that would be opened. */
function exampleLoad(model: PublishedModel, window: Window, asOf: string): LoadRow {
  return {
    loadId: 0,
    model: model.name,
    pipeline: model.schedule,
    run: { workflowId: 'weir-plan', runId: 'weir-plan' },
    state: 'staged',
    attempt: 1,
    window,
    isEmpty: false,
    systemIdentifier: '',
    timeline: 1,
    asOf,
    candidate: `${model.name}_0_1`,
    targetPublishes: null,
    rowsRead: 1,
    rowsStaged: 1,
    rowsSuperseded: 0,
    rowsLeftOut: 0,
    keysTouched: 0,
    rowsQuarantined: 0,
    rowsInserted: null,
    rowsUpdated: null,
    rowsUnchanged: null,
    rowsDeleted: null,
    sqlHash: model.sqlHash,
    columnsHash: null,
  };
}

/** What every count comes to: one row where rows are counted, nothing written, nothing retracted. */
const usualAnswer = { rows: 1, found: false, inserted: 0, updated: 0, deleted: 0 };

async function recording(
  real: DatabaseTransaction,
  sent: string[],
  work: (trx: DatabaseTransaction) => Promise<unknown>,
): Promise<void> {
  const answer = async (query: CompiledQuery): Promise<QueryResult<unknown>> => {
    if (/pg_attribute|\bcontrol"?\."?target\b/.test(query.sql)) return await real.executeQuery(query);
    sent.push(renderCompiled(query).trim());
    return { rows: [usualAnswer] };
  };
  const database: Database = new Kysely<ControlTables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driverOf(answer),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  await database.transaction().execute(work);
}

function driverOf(answer: (query: CompiledQuery) => Promise<unknown>): Driver {
  const nothing = async (): Promise<void> => {};
  const connection: DatabaseConnection = {
    executeQuery: async <Row>(query: CompiledQuery) => (await answer(query)) as QueryResult<Row>,
    streamQuery: () => {
      throw new Error('A load streams nothing.');
    },
  };
  return {
    init: nothing,
    acquireConnection: async () => connection,
    beginTransaction: nothing,
    commitTransaction: nothing,
    rollbackTransaction: nothing,
    releaseConnection: nothing,
    destroy: nothing,
  };
}
