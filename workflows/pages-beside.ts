import { ApplicationFailure, patched } from '@temporalio/workflow';
import { cancellationOf, isCancelled } from './cancelled.ts';
import { messageOf } from './run-end.ts';
import { stations } from './stations.ts';
import type { Walk } from './walk.ts';

/**
 * Tells on-call beside the walk: a page that waits for Postgres or for a worker of its queue keeps nobody from deciding
 * about a held gate, and no batch that may pass from passing. Pages about one model follow each other in their order.
 */
export async function pageBeside(
  walk: Walk,
  model: string,
  ...page: Parameters<typeof stations.page>
): Promise<void> {
  if (!patched('pages-beside')) {
    await stations.page(...page);
    return;
  }
  const before = walk.pages.get(model);
  const told = (async () => {
    await before?.catch(() => undefined); // Counted where the run ends.
    await stations.page(...page);
  })();
  told.catch(() => undefined); // The run waits for it at its end, and hears of it there.
  walk.pages.set(model, before === undefined ? told : bothEnded(before, told));
  walk.pages.get(model)?.catch(() => undefined);
}

/** Ends when both have, and fails with either. */
async function bothEnded(before: Promise<void>, told: Promise<void>): Promise<void> {
  await Promise.allSettled([before, told]);
  await before;
  await told;
}

/**
 * Waits until on-call has been told everything: a run that ends before could lose a page with it, also where another one
 * was lost.
 *
 * @throws ApplicationFailure `PageLost` for what could not be handed over for a day.
 */
export async function settlePages({ pages }: Pick<Walk, 'pages'>): Promise<void> {
  const lost: string[] = [];
  for (const [model, told] of pages) {
    try {
      await told;
    } catch (failure) {
      if (isCancelled(failure)) throw cancellationOf(failure);
      lost.push(`${model}: ${messageOf(failure)}`);
    }
  }
  if (lost.length > 0)
    throw ApplicationFailure.nonRetryable(`On-call was not told about ${lost.join('; ')}`, 'PageLost');
}
