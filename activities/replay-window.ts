import { ApplicationFailure } from '@temporalio/activity';
import type { Window } from '../models/window.ts';
import type { LoadRow } from './load.ts';
import type { Origin } from './snapshot.ts';

/**
 * The window of an earlier load, to be read again: the same rows, as far as they are kept. Of a rebuild it is what the
 * rebuild read, merged like any other window.
 *
 * @throws ApplicationFailure `InvalidInput` or `WatermarkForeign` (neither retryable), saying what to do instead.
 */
export function replayWindow(load: LoadRow, model: string, here: Origin): Window {
  const what = `Load ${load.loadId}`;
  if (load.model !== model) throw invalidInput(`${what} is of ${load.model}, not of ${model}.`);
  if (load.state !== 'published')
    throw invalidInput(
      `${what} of ${model} was not published, it is ${load.state}: there is nothing to read again. ` +
        'What it did not publish comes with the next load by arrival.',
    );
  const { window } = load;
  if (window.kind === 'whole')
    throw invalidInput(
      `${what} of ${model} read whole relations, which are not kept as they were. Run ${model} again: it reads them as they are now.`,
    );
  if (load.systemIdentifier !== here.systemIdentifier || load.timeline !== here.timeline)
    throw ApplicationFailure.nonRetryable(
      `${what} of ${model} is from system ${load.systemIdentifier}, timeline ${load.timeline}; this database is ` +
        `system ${here.systemIdentifier}, timeline ${here.timeline}. Transaction ids of one say nothing in the other, so its ` +
        `window cannot be read again: load the range by event time (--from, --to), or rebuild ${model} (--full-refresh ${model}).`,
      'WatermarkForeign',
    );
  if (window.kind === 'interval') return { ...window, replayOf: load.loadId };
  const deltas = Object.entries(window.deltas).map(([name, { from, to }]) => [name, { from, to }] as const);
  return { kind: 'arrival', deltas: Object.fromEntries(deltas), replayOf: load.loadId };
}

function invalidInput(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidInput');
}
