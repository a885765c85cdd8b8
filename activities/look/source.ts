import type { Graph } from '../../models/graph.ts';
import { hasRevisions, isSource } from '../../models/model.ts';
import type { PublishedModel, SourceModel } from '../../models/model.ts';
import { replayedLoad } from '../../models/window.ts';
import type { Databases } from '../databases.ts';
import type { GatePlace } from '../gate/find-gate.ts';
import type { LoadRow } from '../load.ts';
import { openDrift } from '../source-drift.ts';
import { findArrived } from './arrived.ts';
import { deliveredKeys } from './delivered.ts';

/** What a look at a gate's source is about. */
export interface SourceLook {
  readonly gate: string;
  readonly evaluationId: number;
  readonly sources: readonly string[];
  readonly seen: readonly string[];
  readonly signal: AbortSignal;
}

/** What was found: `what` in words and counts, null where nothing is new. */
export interface SourceFound {
  readonly what: string | null;
  readonly seen: readonly string[];
}

/** Keys of delivered files that are remembered: far more than ever cannot land at once. */
const MOST_SEEN = 500;

/**
 * Whether what a held load would read has changed at its source: files that have not landed, a source that is again what
 * its header says, rows and retractions that were committed since the load took its snapshot. A replay reads its window
 * again whatever comes.
 */
export async function lookAtSource(
  { databases, landingFolder }: { readonly databases: Databases; readonly landingFolder: string },
  { model, graph }: GatePlace,
  load: LoadRow,
  look: SourceLook,
): Promise<SourceFound> {
  const nothing = { what: null, seen: look.seen };
  if (replayedLoad(load.window) !== null) return nothing;
  const delivered = await deliveredKeys(databases.loader, landingFolder, fileSources(graph, look.sources));
  const fresh = delivered.filter(({ key }) => !look.seen.includes(key));
  const seen = delivered.map(({ key }) => key).slice(0, MOST_SEEN);
  const first = fresh[0];
  if (first !== undefined) {
    const others = new Set(fresh.map(({ source }) => source)).size > 1 ? ' and others' : '';
    return { what: `${files(fresh.length)} delivered to ${first.source}${others}`, seen };
  }
  const mended = await mendedSource(databases, model, look.evaluationId);
  if (mended !== null) return { what: `${mended} is again what its header says`, seen };
  // Nothing arrives from a source that has drifted, and the gate has said so.
  if ((await openDrift(databases.loader, model)) !== null) return { what: null, seen };
  return { what: await findArrived(databases.loader, { model, graph }, load, look), seen };
}

function files(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'file' : 'files'}`;
}

function fileSources(graph: Graph, names: readonly string[]): readonly SourceModel[] {
  return names.flatMap((name) => {
    const source = graph.byName.get(name);
    return source !== undefined && isSource(source) && hasRevisions(source) ? [source] : [];
  });
}

/** A source that had drifted when the gate was asked, and has not since. */
async function mendedSource(
  { loader }: Databases,
  { references, shape }: PublishedModel,
  evaluationId: number,
): Promise<string | null> {
  const names = [...references.map(({ name }) => name), ...(shape.kind === 'map' ? [shape.delta] : [])];
  if (names.length === 0) return null;
  const row = await loader
    .selectFrom('control.source_drift as drift')
    .innerJoin('control.gate_run as run', (join) => join.on('run.evaluation_id', '=', evaluationId))
    .select('drift.source')
    .where('drift.source', 'in', names)
    .whereRef('drift.since', '<=', 'run.evaluated_at')
    .whereRef('drift.cleared_at', '>', 'run.evaluated_at')
    .limit(1)
    .executeTakeFirst();
  return row?.source ?? null;
}
