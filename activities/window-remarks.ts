import { isRebuild } from '../models/window.ts';
import type { Database } from './databases.ts';
import type { LoadRow } from './load.ts';
import type { OpenInput } from './open.ts';
import type { LoadedModel } from './published-model.ts';
import { readReplay, replayRemarks } from './replay-facts.ts';

/** What is worth knowing of a load's window where it is not the usual one, in words and counts. */
export async function windowRemarks(
  loader: Database,
  loaded: LoadedModel,
  { window }: LoadRow,
  { interval, replay }: OpenInput,
): Promise<readonly string[]> {
  if (replay !== undefined) return replayRemarks(await readReplay(loader, loaded, replay));
  if (window.kind === 'interval') return [`by event time, [${window.start}, ${window.end})`];
  if (isRebuild(window)) return ['rebuilt from whole relations'];
  return interval === undefined ? [] : ['reads whole relations, as they are now'];
}
