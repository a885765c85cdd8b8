import { join, resolve } from 'node:path';
import { readPublishedModel } from '../../activities/published-model.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { startPeer } from '../peers/peer.ts';
import type { Peer } from '../peers/peer.ts';
import { PeerMissing, ensureEnvironment, findPython, pythonEnvironment } from '../peers/python.ts';
import { homeOf } from '../peers/set-up.ts';
import type { Base } from './database.ts';
import { folders } from './database.ts';
import { asOf } from './fill.ts';
import type { HourSeconds } from './weir-hour.ts';

const PEERS = resolve(import.meta.dirname, '..', 'peers');

/** dbt with a project of the two models over one base. */
export interface DbtHour {
  /** One hour: each model merged, then its tests. @throws PeerMissing where it ended, or a test failed. */
  load(): Promise<HourSeconds>;
  stop(): Promise<void>;
}

/** Where the environments are kept, and who hears how far it is. */
export interface DbtOptions {
  readonly peersFolder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
}

/** Sets dbt up, from PyPI the first time, and starts it. @throws PeerMissing saying why it cannot be measured. */
export async function startDbt(base: Base, options: DbtOptions): Promise<DbtHour> {
  const env = pythonEnvironment(options.env);
  const onProgress = (line: string): void => options.onProgress(`dbt: ${line}`);
  const environment = {
    source: join(PEERS, 'dbt-core'),
    folder: join(options.peersFolder, 'dbt-core'),
    env,
    onProgress,
  };
  const python = await ensureEnvironment(await findPython(env), environment);
  const folder = join(options.peersFolder, 'dbt-loads.work');
  const peer = await startPeer({
    name: 'dbt',
    python,
    source: join(PEERS, 'dbt-loads'),
    env: await homeOf(folder, env),
    settings: { ...connection(base), folder, asOf, models: await dbtModels() },
    // Each model's run and its tests.
    checks: null,
  });
  return {
    load: async () => ({
      stg: await build(peer, 'stg_transactions'),
      fct: await build(peer, 'fct_daily_sales'),
    }),
    stop: () => peer.stop(),
  };
}

async function build(peer: Peer, model: string): Promise<number> {
  return peer.check({ model });
}

function connection({ adminUrl }: Base): JsonObject {
  const { hostname, port, username, password, pathname } = new URL(adminUrl);
  return {
    ...{ host: hostname, port, user: username, password: decodeURIComponent(password) },
    database: pathname.slice(1),
  };
}

/**
 * The shipped SELECTs as dbt is told to load them: what is newer than the newest there is, and the last two days again (the
 * look-back of one that its microbatches have). `_xid` is theirs to set, as dbt writes every column of the table.
 *
 * @see https://docs.getdbt.com/docs/build/incremental-models
 * @see https://docs.getdbt.com/docs/build/incremental-microbatch
 */
async function dbtModels(): Promise<JsonObject> {
  const [stg, fct] = await Promise.all([
    readPublishedModel(folders, 'stg_transactions'),
    readPublishedModel(folders, 'fct_daily_sales'),
  ]);
  const newer = `(select * from {{ source('bronze', 'raw_transactions') }} {% if is_incremental() %}
    where loaded_at > (select max(loaded_at) from {{ this }}) {% endif %}) as raw_transactions`;
  const lastDays = `{{ ref('stg_transactions') }} as transactions {% if is_incremental() %}
    where transactions.transaction_date >= (select max(transaction_date) - 1 from {{ this }}) {% endif %}`;
  const touched =
    /touched\.fct_daily_sales\s+join silver\.stg_transactions as transactions using \(transaction_date, store_id\)/;
  return {
    stg_transactions: `${config('silver', "'transaction_id'")}
select distinct on (transaction_id) made.*, pg_current_xact_id() as _xid
from (${replaced(stg.model.sql, 'delta.raw_transactions', newer)}) as made
order by transaction_id, _revision desc, _load desc, _position desc`,
    fct_daily_sales: `${config('gold', "['transaction_date', 'store_id']")}
select made.*, pg_current_xact_id() as _xid
from (${replaced(fct.model.sql, touched, lastDays)}) as made`,
  };
}

function config(schema: string, key: string): string {
  return `{{ config(materialized='incremental', incremental_strategy='merge', schema='${schema}', unique_key=${key}) }}`;
}

function replaced(text: string, part: string | RegExp, by: string): string {
  const changed = text.replace(part, () => by);
  if (changed === text)
    throw new PeerMissing(
      `dbt: the shipped model has no ${String(part)} any more; see ${import.meta.filename}`,
    );
  return changed;
}
