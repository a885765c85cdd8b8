import { ApplicationFailure } from '@temporalio/activity';
import type { PublishedModel } from '../models/model.ts';
import { countDiffering, newestKnown } from '../models/statements/history.ts';
import type { PublishNames } from '../models/statements/publish.ts';
import type { DatabaseTransaction } from './databases.ts';
import type { LoadRow } from './load.ts';

/**
 * A history is not written backwards: what an earlier run of a later as-of time has found stands. A candidate that
 * changes nothing is welcome at any time, so that a replay is.
 *
 * @param names the candidate, in the snapshot that it was staged in; publish stages again where the target is another.
 * @throws ApplicationFailure `InvalidInput` (not retryable) when versions would begin or end at or before that time.
 */
export async function checkHistory(
  trx: DatabaseTransaction,
  { model, asOf }: Pick<LoadRow, 'asOf'> & { readonly model: PublishedModel },
  names: PublishNames,
): Promise<void> {
  const known = await newestKnown(model).execute(trx);
  const newest = known.rows[0]?.at ?? null;
  if (newest === null || Date.parse(asOf) > newest.getTime()) return;
  const { rows } = await countDiffering(names).execute(trx);
  const differing = rows[0]?.rows ?? 0;
  if (differing === 0) return;
  throw ApplicationFailure.nonRetryable(
    `${model.relation} is known up to ${newest.toISOString()}, and ${differing} of its keys have another version as of ` +
      `${asOf}: a history is not written backwards. Nothing was staged. The next run with a later as-of time takes what differs; ` +
      'start one without asOf to have it now.',
    'InvalidInput',
  );
}
