import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { mapsEachRow } from '../models/maps-each-row.ts';
import type { PublishedModel, TouchedQuery } from '../models/model.ts';
import {
  addTouchedKeys,
  anyRetracted,
  countOrigins,
  countSelected,
  createCandidate,
  deltaOf,
  keepLeftOut,
  noteProvedKeys,
  restoreRetracted,
  touchedKeysOf,
} from '../models/statements/stage.ts';
import { addPublishedKeys } from '../models/statements/rebuild.ts';
import type { DeltaBounds, Setting } from '../models/window.ts';
import { isRebuild, windowDeltas, windowSettings } from '../models/window.ts';
import type { DatabaseTransaction } from './databases.ts';
import { retractionScope } from './empty-window.ts';
import { applySettings } from './load-window.ts';
import type { LoadRow } from './load.ts';

/** What a candidate was filled with, in rows. */
export interface Filled {
  readonly rowsRead: number;
  readonly staged: number;
  readonly superseded: number;
  readonly leftOut: number;
  readonly keysTouched: number;
}

/** Builds and fills a load's candidate. The transaction has the load's window and settings. */
export async function fillCandidate(
  trx: DatabaseTransaction,
  model: PublishedModel,
  load: LoadRow,
  candidate: string,
): Promise<Filled> {
  const { shape } = model;
  switch (shape.kind) {
    case 'map':
      return fillByMapping(trx, model, shape.delta, load, candidate);
    case 'touched':
      return fillTouched(trx, model, shape.queries, load, candidate);
    case 'whole': {
      const staged = await build(trx, model, candidate);
      return { rowsRead: staged, staged, superseded: 0, leftOut: 0, keysTouched: 0 };
    }
  }
}

async function fillByMapping(
  trx: DatabaseTransaction,
  model: PublishedModel,
  delta: string,
  load: LoadRow,
  candidate: string,
): Promise<Filled> {
  const latest = await build(trx, model, candidate, load.rowsQuarantined > 0 ? load : null);
  const { rowsRead, selected, leftOut } = await countWindow(trx, model, delta, load, { candidate, latest });

  const scope = retractionScope(model, load.window);
  const restored = scope !== null && (await restore(trx, model, load, candidate, scope));
  const staged = restored ? await countRows(trx, sql.id('candidate', candidate)) : latest;
  return { rowsRead, staged, superseded: selected - latest, leftOut, keysTouched: 0 };
}

/** The rows of a window: of the delta, of those that the SELECT makes of it, and those of which it makes none. */
interface WindowRows {
  readonly rowsRead: number;
  readonly selected: number;
  readonly leftOut: number;
}

/** Counts a window, and keeps what the SELECT left out. Each question reads the window, so few are asked. */
async function countWindow(
  trx: DatabaseTransaction,
  model: PublishedModel,
  delta: string,
  load: LoadRow,
  { candidate, latest }: { readonly candidate: string; readonly latest: number },
): Promise<WindowRows> {
  const rowsRead = await countRows(trx, deltaOf(delta));
  const oneEach = mapsEachRow(model);
  // Where every row read was staged, no row can have been replaced or left out.
  if (rowsRead === latest && (oneEach || (await count(trx, countOrigins(candidate))) === latest))
    return { rowsRead, selected: latest, leftOut: 0 };
  const selected = await count(trx, countSelected(model, load.loadId));
  if (oneEach && selected === rowsRead) return { rowsRead, selected, leftOut: 0 };
  const by = { loadId: load.loadId, workflowId: load.run.workflowId };
  const leftOut = await hashed(trx, () => count(trx, keepLeftOut(model, delta, by)));
  return { rowsRead, selected, leftOut };
}

/**
 * The planner has no statistics of rows that have just arrived and may take a delta for one row: it would compare each row
 * of it with each other. Hashing costs next to nothing where it is right.
 */
async function hashed<T>(trx: DatabaseTransaction, work: () => Promise<T>): Promise<T> {
  await applySettings(trx, [['enable_nestloop', 'off']]);
  const result = await work();
  await applySettings(trx, [['enable_nestloop', 'on']]);
  return result;
}

/**
 * Published rows of a retracted version fall back to the latest version that is left, of whatever age. That takes
 * reading the whole delta, so it is done only where the window itself has nothing later for such a row.
 *
 * @returns whether the candidate was changed.
 */
async function restore(
  trx: DatabaseTransaction,
  model: PublishedModel,
  load: LoadRow,
  candidate: string,
  { delta, bounds }: { readonly delta: string; readonly bounds: DeltaBounds },
): Promise<boolean> {
  const { rows } = await anyRetracted(model, candidate, delta, bounds, load).execute(trx);
  if (rows[0]?.found !== true) return false;
  await applySettings(
    trx,
    windowSettings({ kind: 'arrival', deltas: { [delta]: { from: null, to: bounds.to } } }),
  );
  await restoreRetracted(model, candidate, delta, bounds, load).execute(trx);
  await applySettings(trx, windowSettings({ kind: 'arrival', deltas: { [delta]: bounds } }));
  return true;
}

/**
 * A thousand keys are a table that no planner would share out among processes, and the rows behind them may be a day of
 * the whole chain: 1.2 s against 2.2 s for 1,000 of 10,000 keys on two cores.
 */
const shareKeys: Setting = ['min_parallel_table_scan_size', '0'];

async function fillTouched(
  trx: DatabaseTransaction,
  model: PublishedModel,
  queries: readonly TouchedQuery[],
  load: LoadRow,
  candidate: string,
): Promise<Filled> {
  const inWindow = queries.filter(({ delta }) => windowDeltas(load.window).includes(delta));
  // A model has one load at a time, so whatever is there is left of loads that ended.
  await sql`delete from ${touchedKeysOf(model)}`.execute(trx);
  await applySettings(trx, [['weir.touched', 'on']]);
  for (const query of inWindow) await addTouchedKeys(model, query.sql, load.loadId).execute(trx);
  if (isRebuild(load.window)) await addPublishedKeys(model, load.loadId).execute(trx);
  await applySettings(trx, [['weir.touched', '']]);
  const keysTouched = await countRows(trx, touchedKeysOf(model));
  await sql`analyze ${touchedKeysOf(model)}`.execute(trx);

  await applySettings(trx, [shareKeys]);
  const staged = await build(trx, model, candidate);
  // Publish looks up each touched key here, one by one, to find those that lost their last row.
  const key = sql.join(model.uniqueKey.map((column) => sql.ref(column)));
  await sql`create index on ${sql.id('candidate', candidate)} (${key})`.execute(trx);
  let rowsRead = 0;
  for (const { delta } of inWindow) rowsRead += await countRows(trx, deltaOf(delta));
  return { rowsRead, staged, superseded: 0, leftOut: 0, keysTouched };
}

/** Builds the candidate and gathers what the merge's planner needs. @returns its rows. */
async function build(
  trx: DatabaseTransaction,
  model: PublishedModel,
  candidate: string,
  setAside: LoadRow | null = null,
): Promise<number> {
  await createCandidate(model, candidate, setAside).execute(trx);
  await noteProvedKeys(model, candidate).execute(trx);
  const key = sql.join(model.uniqueKey.map((column) => sql.ref(column)));
  await sql`analyze ${sql.id('candidate', candidate)} (${key})`.execute(trx);
  return countRows(trx, sql.id('candidate', candidate));
}

async function countRows(trx: DatabaseTransaction, relation: RawBuilder<unknown>): Promise<number> {
  return count(trx, sql<{ rows: number }>`select count(*) as rows from ${relation}`);
}

async function count(trx: DatabaseTransaction, query: RawBuilder<{ rows: number }>): Promise<number> {
  const { rows } = await query.execute(trx);
  return rows[0]?.rows ?? 0;
}
