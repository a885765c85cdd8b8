import { ApplicationFailure } from '@temporalio/activity';
import type { SourceModel } from '../../models/model.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { differingBuckets } from './postgres/buckets.ts';
import { missingRows, noteTold, removeGone, writtenRows } from './postgres/hash-difference.ts';
import { beginLanding } from './postgres/land-texts.ts';
import { fetchTexts } from './postgres/row-texts.ts';
import { rereadTable } from './postgres/reread-table.ts';
import { landFromSource, readAtSource } from './postgres/session.ts';
import { checkKey, checkPostgresSettings, postgresSettings } from './postgres/settings.ts';
import { compareColumns } from './postgres/source-columns.ts';
import type { Extracted, Extraction, Reader, SettingProblem } from './reader.ts';

/**
 * Makes a bronze table what a table of another Postgres says now, for systems that can tell neither what changed nor
 * when. Both sides sum up the hashes of their rows in buckets; only of buckets that differ do hashes travel, and only
 * rows that bronze does not have are fetched.
 */
export const reader: Reader = { check, extract, reread: rereadTable };

/** Share of bronze's rows that may go at once, where the source says nothing else. */
const usualGone = 0.5;

function check(source: SourceModel): readonly SettingProblem[] {
  const { max_gone: share = usualGone } = source.settings;
  const fits = typeof share === 'number' && share >= 0 && share <= 1;
  const problem = {
    problem: 'settings.max_gone is not a share from 0 to 1',
    mend: 'Write for example max_gone: 0.2; 1 lets a source that answers with nothing empty the table.',
  };
  return [...checkPostgresSettings(source), ...checkKey(source), ...(fits ? [] : [problem])];
}

async function extract(extraction: Extraction): Promise<Extracted> {
  const { source } = extraction;
  const { relation } = postgresSettings(source);
  return landFromSource(extraction, (here) =>
    readAtSource(extraction, async (there) => {
      const nothing = { files: 0, rows: 0, rejected: 0, retractedFiles: 0 };
      const { drift, unread } = await compareColumns(there, here, source, relation);
      if (drift.length > 0) return { ...nothing, drift };
      const done = await bringUp(extraction, here, there);
      return { ...nothing, ...done, ...(unread.length > 0 ? { unread } : {}) };
    }),
  );
}

async function bringUp(
  { source, run, signal }: Extraction,
  here: DatabaseTransaction,
  there: DatabaseTransaction,
): Promise<{ readonly rows: number; readonly rejected: number }> {
  const { relation, key } = postgresSettings(source);
  const buckets = await differingBuckets(here, there, source);
  refuseLoss(source, buckets);
  if (buckets.differing.length === 0) return { rows: 0, rejected: 0 };
  await noteTold(here, there, source, buckets, signal);
  await removeGone(here, source, buckets, key);
  const landing = await beginLanding(here, source, relation, run.workflowId);
  const missing = await missingRows(here, source, buckets);
  if (missing !== null) {
    for await (const texts of fetchTexts(there, missing.query)) {
      signal.throwIfAborted();
      await landing.take(await missing.choose(texts));
    }
  }
  const { rejected } = landing.total();
  return { rows: await writtenRows(here, source, key), rejected };
}

/** A source that answers with nothing, or far less than it had, is more likely broken than empty. */
function refuseLoss(
  source: SourceModel,
  { there, here }: { readonly there: number; readonly here: number },
): void {
  const { max_gone: given } = source.settings;
  const share = typeof given === 'number' ? given : usualGone;
  if (there >= here * (1 - share)) return;
  throw ApplicationFailure.nonRetryable(
    `${source.file}: ${postgresSettings(source).relation} answers with ${there} rows and ${source.relation} has ${here}: ` +
      `more than max_gone (${share}) of them would go. Nothing was changed. If they are meant to go, write max_gone: 1 under settings, run it once, and take it out again.`,
    'InvalidInput',
  );
}
