import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { PublishedModel } from '../models/model.ts';
import { writeHistory } from '../models/statements/history.ts';
import { deleteRetracted, deleteTouched, mergeCandidate } from '../models/statements/publish.ts';
import type { MergeCounts, PublishNames } from '../models/statements/publish.ts';
import { rebuildMapped } from '../models/statements/rebuild.ts';
import { touchedKeysOf } from '../models/statements/stage.ts';
import { isRebuild } from '../models/window.ts';
import type { DatabaseTransaction } from './databases.ts';
import { anyRetraction, retractionScope } from './empty-window.ts';
import { applySettings, loadSettings } from './load-window.ts';
import type { LoadRow } from './load.ts';
import { rowsDropped } from './rows-dropped.ts';
import { readTarget } from './target.ts';

/** What a publish wrote, in rows. */
export interface WrittenRows extends MergeCounts {
  /** Staged rows that changed nothing: equal to what was published, or older. */
  readonly unchanged: number;
}

/** Writes a staged candidate into its target. The target is locked and is what the gate saw. */
export async function writeCandidate(
  trx: DatabaseTransaction,
  model: PublishedModel,
  load: LoadRow,
): Promise<WrittenRows> {
  if (load.candidate === null) throw new Error(`Load ${load.loadId} has no candidate.`);
  const columns = (await readTarget(trx, model)).columns.map(({ name }) => name);
  const names: PublishNames = {
    model,
    candidate: load.candidate,
    loadId: load.loadId,
    quarantined: load.rowsQuarantined > 0,
    columns,
  };
  const retraction = (await anyRetraction(trx, model, load.window))
    ? retractionScope(model, load.window)
    : null;

  // A full refresh and a rebuild read all of the target anyway; everything else follows the candidate.
  const rebuild = isRebuild(load.window);
  if (model.shape.kind !== 'whole' && !rebuild) await followCandidate(trx);
  // Which published rows wait for a mended correction is asked of the model's SELECT over the window.
  if ((retraction !== null || rebuild) && names.quarantined) await applySettings(trx, loadSettings(load));
  const merged = await one((await mergeOf(trx, names, load, retraction)).execute(trx));
  let deleted = merged.deleted;
  if (model.shape.kind === 'touched') {
    deleted += (await one(deleteTouched(names).execute(trx))).deleted;
    await sql`delete from ${touchedKeysOf(model)} where load_id = ${load.loadId}`.execute(trx);
  }
  if (retraction !== null) deleted += (await one(deleteRetracted(names, retraction).execute(trx))).deleted;

  await sql`drop table ${sql.id('candidate', load.candidate)}`.execute(trx);
  const staged = load.rowsStaged ?? 0;
  return { ...merged, deleted, unchanged: staged - merged.inserted - merged.updated };
}

async function mergeOf(
  trx: DatabaseTransaction,
  names: PublishNames,
  load: LoadRow,
  retraction: ReturnType<typeof retractionScope>,
): Promise<RawBuilder<MergeCounts>> {
  const { model } = names;
  if (model.kind === 'history') return writeHistory(names, load.asOf);
  if (!isRebuild(load.window) || model.shape.kind !== 'map') return mergeCandidate(names, retraction);
  const { delta } = model.shape;
  return rebuildMapped(names, { delta, someDropped: (await rowsDropped(trx, delta)) > 0 });
}

/**
 * Makes a merge look up each candidate row by the target's index. As planned by default it reads all of the target:
 * 21 s against 10.5 s for 417,000 rows into 10 million, and worse as the target grows.
 */
export async function followCandidate(trx: DatabaseTransaction): Promise<void> {
  await applySettings(trx, [
    ['enable_hashjoin', 'off'],
    ['enable_mergejoin', 'off'],
  ]);
}

async function one<Row>(answer: Promise<{ rows: readonly Row[] }>): Promise<Row> {
  const [row] = (await answer).rows;
  if (row === undefined) throw new Error('A statement that counts returned no row.');
  return row;
}
