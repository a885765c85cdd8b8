import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import type { Database, Databases } from '../../activities/databases.ts';
import { createHold } from '../../activities/hold.ts';
import type { LoadRow } from '../../activities/load.ts';
import { readLoad } from '../../activities/load.ts';
import { createOpen } from '../../activities/open.ts';
import type { OpenInput } from '../../activities/open.ts';
import { createPublish } from '../../activities/publish.ts';
import type { Published, PublishInput } from '../../activities/publish.ts';
import { createRelease } from '../../activities/release.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import type { RunRef } from '../../activities/run-ref.ts';
import { createStage } from '../../activities/stage.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';

/** The shipped models. */
export const folders: RepositoryFolders = {
  modelsFolder: fileURLToPath(new URL('../../models/', import.meta.url)),
  suitesFolder: fileURLToPath(new URL('../../expectations/suites/', import.meta.url)),
};

export const asOf = '2017-01-31T00:00:00.000Z';

/** A transaction as a till sends it; what is left out is an ordinary one. */
export interface Sale {
  readonly id: string | null;
  readonly store?: string;
  readonly amount?: number;
  readonly at?: string;
}

/** Where records landed. */
export interface Landed {
  readonly file: string;
  readonly revision?: number;
  /** Load sequence; the next one when left out. */
  readonly load?: number;
}

export type Stations = ReturnType<typeof stationsOf>;

/** A database with the shipped models, and the stations of the load engine over it. */
export interface Shop extends Stations {
  readonly database: FreshDatabase;
  readonly admin: Database;
  /** Ends a run: its leases may be taken over. */
  end(run: RunRef): void;
  /** Lands sales in bronze, in `db` or a transaction of it. */
  land(sales: readonly Sale[], landed: Landed, db?: Database): Promise<void>;
  /** Says that a revision was replaced. */
  retract(file: string, revision: number, db?: Database): Promise<void>;
  ledger(loadId: number): Promise<LoadRow>;
  /** One row a transaction: id, store and amount, in order of id. */
  silver(): Promise<readonly { id: string; store: string; amount: number }[]>;
  /** One row a day and store. */
  gold(): Promise<readonly { day: string; store: string; transactions: number; sales: number }[]>;
}

export function runOf(name: string, runId = `${name}-first`): RunRef {
  return { workflowId: name, runId };
}

/** The stations over other databases, connections or files than the shop's own. */
export function stationsOf(
  databases: Databases,
  isRunOpen: (run: RunRef) => Promise<boolean> = async () => true,
  files: RepositoryFolders = folders,
) {
  const { publish } = createPublish({ databases, folders: files });
  const stations = {
    ...createOpen({ databases, folders: files, isRunOpen }),
    ...createStage({ databases, folders: files }),
    /** Publishes as if the gates had let it through: what they say is other tests' business. */
    publish: async (input: PublishInput): Promise<Published> => {
      await letThrough(databases.loader, input);
      return publish(input);
    },
    ...createHold({ databases }),
    ...createRelease({ databases }),
  };
  const endedEmpty = new Map<string, number>();
  /**
   * Tries again while another run has the lease, as Temporal does. A run opens a model once: whoever opens it again after
   * an empty window is the next run of the same workflow.
   */
  const openWindow = async (model: string, run: RunRef, more: Partial<OpenInput> = {}) => {
    const opening = `${model} ${run.workflowId} ${run.runId}`;
    const ended = endedEmpty.get(opening) ?? 0;
    const asked = {
      ...{ model, pipeline: 'hourly', asOf },
      run: ended === 0 ? run : { ...run, runId: `${run.runId}-${ended}` },
      ...more,
    };
    for (;;) {
      const opened = await stations.open(asked).catch(nullIfBusy);
      if (opened?.state === 'held') throw new Error(`${model} is held by ${opened.by.workflowId}`);
      if (opened?.ended === true) endedEmpty.set(opening, ended + 1);
      if (opened !== null) return opened;
      await delay(20);
    }
  };
  /** The whole walk of one model without its gates. */
  const load = async (model: string, run: RunRef, more: Partial<OpenInput> = {}): Promise<Published> => {
    const { loadId, empty } = await openWindow(model, run, more);
    const attempt = empty ? 0 : (await stations.stage({ loadId, run })).attempt;
    return stations.publish({ loadId, run, attempt });
  };
  return { ...stations, openWindow, load };
}

/** Writes down that both gates let this load and stage through, whatever they said before. */
export async function letThrough(loader: Database, { loadId, attempt, run }: PublishInput): Promise<void> {
  await sql`
    insert into control.gate_run (verdict_id, load_id, model, gate, suite, suite_hash, outcome, rows_checked,
      expectations_evaluated, expectations_failed, blocks, attempt, as_of, workflow_id, run_id)
    select gen_random_uuid(), load_id, model, gate, 'let through', '', 'pass', 0, 0, 0, false, ${attempt}::int,
      as_of, ${run.workflowId}, ${run.runId}
    from control.load, unnest(array['input', 'output']) as asked (gate)
    where load_id = ${loadId}`.execute(loader);
}

function nullIfBusy(error: unknown): null {
  if (error instanceof ApplicationFailure && error.type === 'LeaseBusy') return null;
  throw error;
}

/** @param clusterUrl another cluster than the tests': the URL of its superuser. */
export async function openShop(clusterUrl?: string): Promise<Shop> {
  const database = await freshDatabase(clusterUrl === undefined ? {} : { clusterUrl });
  const { admin } = database;
  const ended = new Set<string>();
  return {
    ...stationsOf(database.databases, async (run) => !ended.has(run.workflowId)),
    database,
    admin,
    end: (run) => ended.add(run.workflowId),
    land: (sales, landed, db = admin) => land(db, sales, landed),
    retract: async (file, revision, db = admin) => {
      await db
        .insertInto('control.retraction')
        .values({
          source: 'raw_transactions',
          file,
          revision,
          replaced_by: revision + 1,
          workflow_id: 'test',
        })
        .execute();
    },
    ledger: (loadId) => readLoad(admin, loadId),
    silver: async () =>
      (
        await sql<{ id: string; store: string; amount: number }>`
      select transaction_id as id, store_id as store, total_amount::float8 as amount
      from silver.stg_transactions order by transaction_id`.execute(admin)
      ).rows,
    gold: async () =>
      (
        await sql<{ day: string; store: string; transactions: number; sales: number }>`
      select transaction_date::text as day, store_id as store, transaction_count as transactions, gross_sales::float8 as sales
      from gold.fct_daily_sales order by 1, 2`.execute(admin)
      ).rows,
  };
}

async function land(
  db: Database,
  sales: readonly Sale[],
  { file, revision = 1, load }: Landed,
): Promise<void> {
  const records = sales.map(
    ({ id, store = 'STORE_00001', amount = 10, at = '2017-01-30T10:00:00' }, index) => ({
      id,
      store,
      amount,
      at,
      position: index + 1,
    }),
  );
  await sql`
    with sequence as (select coalesce(${load ?? null}::bigint, nextval('control.load_sequence')) as load)
    insert into bronze.raw_transactions
      (transaction_id, store_id, terminal_id, customer_id, transaction_timestamp, total_amount, payment_method, items,
       _source, _revision, _load, _position, _record_hash)
    select r.id, r.store, 'T1', 'C1', r.at, r.amount, 'CASH', '[{}]', ${file}, ${revision}, sequence.load, r.position,
      md5(r::text)::uuid
    from sequence, jsonb_to_recordset(${JSON.stringify(records)}::jsonb)
      as r (id text, store text, amount numeric(12, 2), at timestamp, position bigint)`.execute(db);
}
