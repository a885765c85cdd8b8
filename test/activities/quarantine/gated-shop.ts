import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { createGate } from '../../../activities/gate.ts';
import { createQuarantine } from '../../../activities/quarantine.ts';
import type { Quarantined, QuarantineInput } from '../../../activities/quarantine.ts';
import type { RunRef } from '../../../activities/run-ref.ts';
import type { Json, JsonObject } from '../../../expectations/json.ts';
import { orderedQuarantine } from '../../../expectations/verdict.ts';
import type { Gate, Verdict } from '../../../expectations/verdict.ts';
import { folders, openShop, runOf } from '../shop.ts';
import type { Sale, Shop } from '../shop.ts';

/** A load whose gate is asked. */
export interface GatedLoad {
  readonly loadId: number;
  readonly attempt: number;
  readonly run: RunRef;
}

/** A row that was set aside, without what differs each time. */
export interface AsideRow {
  readonly gate: Gate;
  readonly expectations: readonly number[];
  readonly reason: string;
  readonly record: JsonObject;
}

/** A shop with suites of its own, and the stations of gate and quarantine over them. */
export interface GatedShop extends Shop {
  readonly suitesFolder: string;
  /** Replaces the expectations of a suite. */
  promise(suite: string, expectations: readonly JsonObject[], weir?: JsonObject): Promise<void>;
  /** Adds a line to the output gate of stg_transactions. */
  sayInHeader(text: string): Promise<void>;
  staged(run?: RunRef, model?: string): Promise<GatedLoad>;
  opened(run?: RunRef): Promise<GatedLoad>;
  look(load: GatedLoad, gate?: Gate, model?: string): Promise<Verdict>;
  /** Sets aside what a verdict says, or all that blocks where it says nothing. */
  setAside(load: GatedLoad, verdict: Verdict, more?: Partial<QuarantineInput>): Promise<Quarantined>;
  aside(): Promise<readonly AsideRow[]>;
  close(): Promise<void>;
}

export const MODEL = 'stg_transactions';
const AT = '2017-01-30T23:30:00';

/** An expectation whose failing rows are set aside. */
export function aside(type: string, kwargs: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    type,
    kwargs,
    severity: 'critical',
    meta: { weir: { on_failure: 'quarantine', quarantine_share: 0.5, ...more } },
  };
}

/** A sale within the hour before the shop's as-of time. */
export function sale(id: string, store = 'STORE_00001'): Sale {
  return { id, store, at: AT };
}

/** Every store is one of two, or its rows are set aside. */
export function knownStores(more: JsonObject = {}): JsonObject {
  return aside(
    'expect_column_values_to_be_in_set',
    { column: 'store_id', value_set: ['STORE_00001', 'STORE_00002'] },
    more,
  );
}

export async function gatedShop(): Promise<GatedShop> {
  const shop = await openShop();
  const home = await mkdtemp(path.join(tmpdir(), 'weir-quarantine-'));
  const suitesFolder = path.join(home, 'suites');
  await cp(folders.suitesFolder, suitesFolder, { recursive: true });
  const modelsFolder = path.join(home, 'models');
  await cp(folders.modelsFolder, modelsFolder, { recursive: true });
  const own = { modelsFolder, suitesFolder };
  const { databases } = shop.database;
  const { gate } = createGate({ databases, folders: own });
  const { quarantine } = createQuarantine({ databases, folders: own });
  return {
    ...shop,
    suitesFolder,
    promise: async (suite, expectations, weir) => {
      const file = path.join(suitesFolder, `${suite}.json`);
      const content: Record<string, Json> = JSON.parse(await readFile(file, 'utf8'));
      const meta = weir === undefined ? (content['meta'] ?? null) : { weir };
      await writeFile(file, JSON.stringify({ ...content, expectations, meta }));
    },
    sayInHeader: async (text) => {
      const file = path.join(modelsFolder, 'silver', `${MODEL}.sql`);
      const suite = `    suite: ${MODEL}\n`;
      await writeFile(file, (await readFile(file, 'utf8')).replace(suite, `${suite}    ${text}\n`));
    },
    staged: async (run = runOf('monday'), model = MODEL) => {
      const { loadId } = await shop.openWindow(model, run);
      return { loadId, run, attempt: (await shop.stage({ loadId, run })).attempt };
    },
    opened: async (run = runOf('monday')) => ({
      loadId: (await shop.openWindow(MODEL, run)).loadId,
      run,
      attempt: 0,
    }),
    look: ({ loadId, run }, at = 'output', model = MODEL) =>
      gate({ loadId, model, gate: at, suite: 'asked', run }),
    setAside: (load, verdict, more = {}) => {
      const order = verdict.quarantine ?? orderedQuarantine(verdict);
      if (typeof order === 'string') throw new Error(order);
      const { model, verdictId, evaluationId } = verdict;
      return quarantine({ ...load, model, gate: verdict.gate, verdictId, evaluationId, order, ...more });
    },
    aside: () => rowsAside(shop),
    close: async () => {
      await shop.database.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function rowsAside({ admin }: Shop): Promise<readonly AsideRow[]> {
  const { rows } = await sql<AsideRow>`
    select gate, expectations, reason, record from control.batch_quarantine
    order by record ->> 'transaction_id', batch_quarantine_id`.execute(admin);
  return rows;
}
