import { sql } from 'kysely';
import { grouped } from '../expectations/measured.ts';
import { hasRevisions } from '../models/model.ts';
import type { Model } from '../models/model.ts';
import { deltaOf } from '../models/statements/stage.ts';
import { windowRows } from '../models/statements/window-rows.ts';
import type { DeltaBounds, Window } from '../models/window.ts';
import { windowDeltas } from '../models/window.ts';
import type { Database, DatabaseTransaction } from './databases.ts';
import { applyWindow } from './load-window.ts';
import { readLoad } from './load.ts';
import type { LoadedModel } from './published-model.ts';

/** What a replay will find of the window it reads again. */
export interface ReplayFacts {
  readonly loadId: number;
  readonly model: string;
  readonly pipeline: string;
  /** Rows of its deltas that the load read. */
  readonly recorded: number;
  /** Rows of them that are there now. */
  readonly found: number;
  /** Of those that are missing: in files that came again since. */
  readonly retracted: number;
  /** … released from quarantine since, so that they arrived again. */
  readonly released: number;
  /** Rows that retention has taken of transactions in the window's range, as many as may be missing of it. */
  readonly dropped: number;
  /** Whether the model's SELECT is another than the load's. */
  readonly sqlChanged: boolean;
  /** Whether keys are computed: other rows of them are read as of now anyway. */
  readonly byKey: boolean;
}

/**
 * Looks at a recorded window before it is read again.
 *
 * @param db a pool of the loader or an administrator.
 * @throws ApplicationFailure `InvalidInput` (not retryable) when there is no such load.
 */
export async function readReplay(
  db: Database,
  { model, graph }: LoadedModel,
  loadId: number,
): Promise<ReplayFacts> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const load = await readLoad(trx, loadId);
      await applyWindow(trx, load.window, load.asOf);
      const counts = { found: 0, retracted: 0, released: 0, dropped: 0 };
      for (const delta of windowDeltas(load.window)) {
        const one = await readDelta(trx, graph.byName.get(delta), load.window);
        counts.found += one.found;
        counts.retracted += one.retracted;
        counts.released += one.released;
        counts.dropped += one.dropped;
      }
      return {
        loadId,
        model: model.name,
        pipeline: load.pipeline,
        recorded: load.rowsRead ?? 0,
        ...counts,
        sqlChanged: load.sqlHash !== model.sqlHash,
        byKey: model.shape.kind === 'touched',
      };
    });
}

type Counts = Pick<ReplayFacts, 'found' | 'retracted' | 'released' | 'dropped'>;

/** The bounds of one delta, as far as they are transactions. */
function boundsOf(window: Window, delta: string): DeltaBounds | null {
  if (window.kind === 'interval') return { from: null, to: window.to };
  return window.kind === 'arrival' ? (window.deltas[delta] ?? null) : null;
}

async function readDelta(
  trx: DatabaseTransaction,
  relation: Model | undefined,
  window: Window,
): Promise<Counts> {
  const bounds = relation === undefined ? null : boundsOf(window, relation.name);
  if (relation === undefined || bounds === null) return { found: 0, retracted: 0, released: 0, dropped: 0 };
  const { name: delta } = relation;
  const { from, to } = bounds;
  const seen = sql`(pg_visible_in_snapshot(d.xid_before, ${to}::pg_snapshot)
    and (${from}::pg_snapshot is null or not pg_visible_in_snapshot(d.xid_before, ${from}::pg_snapshot)))`;
  const { rows } = await sql<Counts>`
    select (select count(*) from ${deltaOf(delta)}) as found,
      (${hasRevisions(relation) ? retractedSince(relation, bounds) : sql`select 0`}) as retracted,
      (select count(*) from control.quarantine_decision as d
        where d.decision = 'released' and d.relation = ${delta} and ${seen}) as released,
      (select coalesce(sum(g.rows), 0)::bigint from control.dropped_partition as g
        where g.relation = ${delta} and g.min_xid < pg_snapshot_xmax(${to}::pg_snapshot)
          and (${from}::pg_snapshot is null or g.max_xid >= pg_snapshot_xmin(${from}::pg_snapshot))) as dropped`.execute(
    trx,
  );
  const [counts] = rows;
  if (counts === undefined) throw new Error(`Counting delta.${delta} returned no row.`);
  return counts;
}

/** Rows of a source that the window saw and that a later revision of their file has replaced since. */
function retractedSince({ layer, name }: Model, bounds: DeltaBounds) {
  const window: Window = { kind: 'arrival', deltas: { [name]: bounds } };
  return sql`select count(*) from ${sql.id(layer, name)} as b
    where ${windowRows({ name, timeColumn: null, zoned: false }, window, 'b')} and exists (
      select from control.retraction as r where r.source = ${name} and r.file = b._source and r.revision = b._revision
        and not pg_visible_in_snapshot(r._xid, ${bounds.to}::pg_snapshot)
    )`;
}

/** What to say of a replay, in words and counts: how much of the window is there, and what else it reads. */
export function replayRemarks(facts: ReplayFacts): readonly string[] {
  const { loadId, recorded, found, sqlChanged, byKey } = facts;
  const read =
    found === recorded
      ? `reads the ${rowsText(found)} of load ${loadId} again`
      : `reads ${grouped(found)} of the ${rowsText(recorded)} of load ${loadId} again: ${missing(facts)}`;
  return [
    read,
    'what it joins is read as of now',
    ...(byKey ? ['keys whose rows later loads have changed were recomputed by those'] : []),
    ...(sqlChanged ? ['its SELECT has changed since'] : []),
  ];
}

/** Why rows are missing, each reason with at most how many. */
function missing({ retracted, released, dropped }: ReplayFacts): string {
  const reasons = [
    [retracted, 'in files that came again'],
    [released, 'released from quarantine since'],
    [dropped, 'of those days taken by retention'],
  ] as const;
  const told = reasons.filter(([rows]) => rows > 0).map(([rows, why]) => `${grouped(rows)} ${why}`);
  return told.length === 0 ? 'the others were written again by later loads' : told.join(', ');
}

function rowsText(rows: number): string {
  return `${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}
