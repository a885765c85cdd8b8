import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import type { Model, PublishedModel } from '../../models/model.ts';
import { deltaOf } from '../../models/statements/stage.ts';
import { parseSnapshot, windowDeltas } from '../../models/window.ts';
import type { DeltaBounds, Window } from '../../models/window.ts';
import { cancelWith } from '../cancel-query.ts';
import type { Database, DatabaseTransaction } from '../databases.ts';
import { isWindowEmpty } from '../empty-window.ts';
import { applyWindow } from '../load-window.ts';
import type { LoadRow } from '../load.ts';
import { takeSnapshot } from '../snapshot.ts';

/**
 * What has been committed since a load took its snapshot and would be read if it were loaded now, in a sentence; null
 * where nothing has. Found by the predicates of windows: no row is overlooked that committed late.
 */
export async function findArrived(
  loader: Database,
  { model, graph }: { readonly model: PublishedModel; readonly graph: Graph },
  { window, asOf, systemIdentifier, timeline }: LoadRow,
  { gate, signal }: { readonly gate: string; readonly signal: AbortSignal },
): Promise<string | null> {
  const since = snapshotOf(window);
  const now = await takeSnapshot(loader);
  // Transaction ids of another cluster say nothing here.
  if (since === null || now.systemIdentifier !== systemIdentifier || now.timeline !== timeline) return null;
  const joined = window.kind === 'whole' || gate === 'output' ? joinedRelations(graph, model, window) : [];
  return loader.transaction().execute((trx) =>
    cancelWith(signal, loader, trx, async () => {
      const deltas = windowDeltas(window);
      if (deltas.length > 0 && (await anyNew(trx, model, { window, since, now: now.snapshot, asOf })))
        return `rows have come to ${deltas.join(' or ')}`;
      for (const relation of joined)
        if (await hasNewer(trx, relation, since)) return `${relation} has changed`;
      return null;
    }),
  );
}

/** All deltas of a load are bounded by one snapshot. Loads that an earlier Weir opened over whole relations have none. */
function snapshotOf(window: Window): string | null {
  if (window.kind !== 'arrival') return window.to ?? null;
  return Object.values(window.deltas)[0]?.to ?? null;
}

interface Since {
  readonly window: Window;
  readonly since: string;
  readonly now: string;
  readonly asOf: string;
}

async function anyNew(
  trx: DatabaseTransaction,
  model: PublishedModel,
  { window, since, now, asOf }: Since,
): Promise<boolean> {
  const bounds: DeltaBounds = { from: since, to: now };
  const deltas = windowDeltas(window);
  const newer: Window = {
    kind: 'arrival',
    deltas: Object.fromEntries(deltas.map((delta) => [delta, bounds])),
  };
  if (await isWindowEmpty(trx, model, newer, asOf)) return false;
  if (window.kind !== 'interval') return true;
  // Of an interval of event time only what lies in it counts, and a backfill may be held while every hour arrives.
  const before = await countRows(trx, window, asOf);
  return before !== (await countRows(trx, { ...window, to: now }, asOf));
}

async function countRows(trx: DatabaseTransaction, window: Window, asOf: string): Promise<number> {
  await applyWindow(trx, window, asOf);
  let all = 0;
  for (const delta of windowDeltas(window)) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${deltaOf(delta)}`.execute(trx);
    all += rows[0]?.n ?? 0;
  }
  return all;
}

/** Relations that a SELECT reads whole beside its deltas, those behind its views among them. */
function joinedRelations(graph: Graph, model: PublishedModel, window: Window): readonly string[] {
  const deltas = windowDeltas(window);
  const found = new Set<string>();
  const add = (name: string): void => {
    const read: Model | undefined = graph.byName.get(name);
    if (read === undefined || name === model.name || deltas.includes(name)) return;
    if (read.kind === 'view') for (const { name: behind } of read.references) add(behind);
    else found.add(read.relation);
  };
  for (const { name, schema } of model.references) if (schema !== 'delta' && schema !== 'touched') add(name);
  return [...found].toSorted();
}

/** Whether rows were written since a snapshot: a range of the index on `_xid`. What only went away leaves no trace here. */
async function hasNewer(trx: DatabaseTransaction, relation: string, since: string): Promise<boolean> {
  const { xmin } = parseSnapshot(since);
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from ${sql.table(relation)} as t
      where t._xid >= ${xmin}::xid8 and not pg_visible_in_snapshot(t._xid, ${since}::pg_snapshot)) as found`.execute(
    trx,
  );
  return rows[0]?.found === true;
}
