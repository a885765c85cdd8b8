import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/activity';
import type { SourceModel } from '../../../models/model.ts';
import type { Extracted, Extraction, SettingProblem, SourceDrift } from '../reader.ts';
import type { FileFormat } from './file-format.ts';
import { landFile } from './land-file.ts';
import type { FileOutcome } from './land-file.ts';
import { listFiles, lookAt } from './list-files.ts';
import type { LandingFile, LeftFile } from './list-files.ts';
import { toldFile } from './told-file.ts';
import { landedStamps, nextLoadSequences, stampOf } from './notes.ts';

/** Seconds that a file must not have been written to, where its source says nothing else. */
const usualQuiet = 0.2;

/** The longest that an extract waits for a file to be quiet; one that needs longer is left for the next. */
const longestWaitMs = 1000;

const growing =
  'it is being written to: the next extract looks again. Deliver files as NAME.tmp and rename them when they are whole';

/** Settings of every reader of files, checked. */
export function checkFileSettings({ settings }: SourceModel): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  const { folder, quiet_seconds: quiet = usualQuiet } = settings;
  if (typeof folder !== 'string' || !/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/.test(folder)) {
    problems.push({
      problem: 'settings.folder is not a folder below the landing folder',
      mend: 'Write for example folder: transactions.',
    });
  }
  if (typeof quiet !== 'number' || !(quiet >= 0 && quiet <= 86_400)) {
    problems.push({
      problem: 'settings.quiet_seconds is not a number of seconds from 0 to 86400',
      mend: 'Write for example quiet_seconds: 60, for a file that is written in place and rests for so long when it is whole.',
    });
  }
  return problems;
}

/** Files that land at once, each on a connection of its own: one waits for the disk, one for the processor. */
const lanes = 2;

/**
 * Lands the files of a source's folder that have not landed yet, each in a transaction of its own. Their load sequences
 * follow their names.
 */
export async function extractFiles(extraction: Extraction, format: FileFormat): Promise<Extracted> {
  const { source, loader, landingFolder, signal } = extraction;
  await requireFolder(landingFolder);
  const [{ files, left }, known] = await Promise.all([
    listFiles(join(landingFolder, String(source.settings['folder']))),
    landedStamps(loader, source),
  ]);
  const pending = files.filter((file) => !known.has(stampOf(file)));
  const sequences = pending.length === 0 ? [] : await nextLoadSequences(loader, pending.length);
  const outcomes = await inLanes(pending, async (listed, index) => {
    signal.throwIfAborted();
    const file = await quietFile(source, listed);
    return file === null ? null : landFile(extraction, format, file, sequences[index] ?? 0);
  });
  const grown = pending.filter((_, index) => {
    const outcome = outcomes[index] ?? null;
    return outcome === null || outcome.state === 'growing';
  });
  return summary(
    outcomes.filter((one) => one !== null),
    [...left, ...grown.map(({ name }) => ({ file: name, reason: growing }))].map(({ file, reason }) => ({
      file: toldFile(source, file),
      reason,
    })),
  );
}

/** Runs `work` over items in their order, a few at once. After the first error nothing new is begun. */
async function inLanes<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await work(item, at);
    }
  };
  const run = Array.from({ length: Math.min(lanes, items.length) }, () =>
    lane().catch((error: unknown) => {
      next = items.length;
      throw error;
    }),
  );
  const ended = await Promise.allSettled(run);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return results;
}

function summary(outcomes: readonly FileOutcome[], left: readonly LeftFile[]): Extracted {
  const landed = outcomes.filter(({ state }) => state === 'landed');
  const sum = (count: (one: FileOutcome) => number): number =>
    landed.reduce((all, one) => all + count(one), 0);
  const drift = new Map<string, SourceDrift>();
  for (const one of outcomes.flatMap((outcome) => outcome.drift))
    if (!drift.has(driftKey(one))) drift.set(driftKey(one), one);
  const unread = new Set(outcomes.flatMap((outcome) => outcome.unread));
  return {
    files: landed.length,
    rows: sum((one) => one.landed),
    rejected: sum((one) => one.rejected),
    retractedFiles: sum(({ retracted }) => (retracted ? 1 : 0)),
    ...told(left, [...drift.values()], [...unread]),
  };
}

/** A column is told once, of the first file that shows it. */
function driftKey({ column, problem }: SourceDrift): string {
  return column ?? problem;
}

function told(
  left: readonly LeftFile[],
  drift: readonly SourceDrift[],
  unread: readonly string[],
): Pick<Extracted, 'left' | 'drift' | 'unread'> {
  return {
    ...(left.length > 0 ? { left } : {}),
    ...(drift.length > 0 ? { drift } : {}),
    ...(unread.length > 0 ? { unread } : {}),
  };
}

/** Whether a file is whole as it stands: finished, or not written to for as long as its source asks. */
export function isQuiet(source: SourceModel, file: LandingFile): boolean {
  return file.finished || quietWait(source, file) <= 0;
}

/** Milliseconds that a file has yet to stand still. */
function quietWait({ settings }: SourceModel, { modifiedAt }: LandingFile): number {
  const { quiet_seconds: seconds } = settings;
  const quietMs = 1000 * (typeof seconds === 'number' ? seconds : usualQuiet);
  return quietMs - (Date.now() - modifiedAt.getTime());
}

/**
 * The file once its size and time have stood still for as long as its source asks; null where they have not.
 *
 * One that was renamed after its last byte is whole as it is. Of others only time tells.
 */
async function quietFile(source: SourceModel, file: LandingFile): Promise<LandingFile | null> {
  if (isQuiet(source, file)) return file;
  const waitMs = quietWait(source, file);
  if (waitMs > longestWaitMs) return null;
  await delay(waitMs);
  const again = await lookAt(file.path, file.name);
  return again !== null && stampOf(again) === stampOf(file) ? again : null;
}

async function requireFolder(landingFolder: string): Promise<void> {
  const found = await stat(landingFolder).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw ApplicationFailure.create({
    type: 'LandingFolderMissing',
    message: `The landing folder ${landingFolder} is not there. Create or mount it, or start the worker with the right one.`,
  });
}
