import { sql } from 'kysely';
import { durationPattern } from '../../models/duration.ts';
import type { SourceModel } from '../../models/model.ts';
import { cursorSettings } from './postgres/cursor-settings.ts';
import type { CursorSettings } from './postgres/cursor-settings.ts';
import { forgetBefore, takeUnseen } from './postgres/seen.ts';
import { beginLanding } from './postgres/land-texts.ts';
import { fetchTexts, rowText } from './postgres/row-texts.ts';
import { rereadTable } from './postgres/reread-table.ts';
import { landFromSource, readAtSource } from './postgres/session.ts';
import { checkKey, checkPostgresSettings } from './postgres/settings.ts';
import { compareColumns } from './postgres/source-columns.ts';
import { moveSourceWatermark, readSourceWatermark } from './postgres/watermark.ts';
import type { Extracted, Extraction, Reader, SettingProblem } from './reader.ts';
import { isCalendar } from './records/column-type.ts';
import type { DatabaseTransaction } from '../databases.ts';

/**
 * Reads the rows of a table of another Postgres whose cursor column is at or above the highest value that was read,
 * less a lookback. What was read before and has not changed since is told by its hash and not landed again.
 */
export const reader: Reader = { check, extract, reread: rereadTable };

function check(source: SourceModel): readonly SettingProblem[] {
  const { cursor, lookback } = source.settings;
  const problems = [...checkPostgresSettings(source), ...checkKey(source)];
  const column = typeof cursor === 'string' ? source.columns[cursor] : undefined;
  if (column === undefined) {
    const mend = `Name the one that grows with every change, of ${Object.keys(source.columns).join(', ')}.`;
    return [...problems, { problem: 'settings.cursor is not a column of the source', mend }];
  }
  const ofTime = isCalendar(column.type ?? 'text');
  const fits = ofTime
    ? typeof lookback === 'string' && new RegExp(durationPattern).test(lookback)
    : typeof lookback === 'number' && lookback >= 0;
  if (!fits) {
    problems.push({
      problem: `settings.lookback is not ${ofTime ? 'a length of time' : 'a number'}`,
      mend: ofTime
        ? 'Write for example lookback: 15 minutes, longer than any transaction that writes there.'
        : 'Write for example lookback: 10000, more than are given out while any transaction that writes there is open.',
    });
  }
  return problems;
}

async function extract(extraction: Extraction): Promise<Extracted> {
  const { source, run, signal } = extraction;
  const settings = cursorSettings(source);
  const { relation, misses } = settings;
  return landFromSource(extraction, (here) =>
    readAtSource(extraction, async (there) => {
      const nothing = { files: 0, rows: 0, rejected: 0, retractedFiles: 0, misses };
      const { drift, unread } = await compareColumns(there, here, source, relation);
      if (drift.length > 0) return { ...nothing, drift };
      const last = await readSourceWatermark(here, source);
      const highest = await highestValue(there, settings, last?.position ?? null);
      const landing = await beginLanding(here, source, relation, run.workflowId);
      const columns = Object.keys(source.columns);
      const rows = sql<{
        text: string;
      }>`select ${rowText('t', columns)} as text from ${sql.table(relation)} as t
        where ${settings.above(last?.position ?? null)}`;
      for await (const texts of fetchTexts(there, rows)) {
        signal.throwIfAborted();
        await landing.take(await takeUnseen(here, source, settings, texts));
      }
      if (highest !== null) {
        await moveSourceWatermark(here, source, {
          position: highest,
          systemIdentifier: null,
          timeline: null,
        });
        await forgetBefore(here, source, settings, highest);
      }
      const { landed, rejected } = landing.total();
      return { ...nothing, rows: landed, rejected, ...(unread.length > 0 ? { unread } : {}) };
    }),
  );
}

/** The highest value of the cursor; null where there is no row yet. A time that lies ahead would hide every row until then. */
async function highestValue(
  there: DatabaseTransaction,
  { relation, column, isTime, above }: CursorSettings,
  last: string | null,
): Promise<string | null> {
  const cap = isTime ? sql`least(max(${column}), now())` : sql`max(${column})`;
  const { rows } = await sql<{ highest: string | null }>`
    select ${cap}::text as highest from ${sql.table(relation)} as t where ${above(last)}`.execute(there);
  return rows[0]?.highest ?? last;
}
