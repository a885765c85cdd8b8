import { sql } from 'kysely';
import type { Reread, RereadParts } from '../reader.ts';
import { landRecords } from '../records/land-records.ts';
import { fetchTexts, rowText } from './row-texts.ts';
import { readAtSource } from './session.ts';
import { postgresSettings } from './settings.ts';

/** Reads every row of a source's relation, as extracts read those that they land. */
export async function rereadTable(look: Reread): Promise<RereadParts> {
  const { source, trx, signal } = look;
  const { relation } = postgresSettings(source);
  const revision = { file: relation, revision: 1, loadSequence: 0, workflowId: 'reconcile' };
  let read = 0;
  await readAtSource(look, async (there) => {
    const rows = sql<{ text: string }>`
      select ${rowText('t', Object.keys(source.columns))} as text from ${sql.table(relation)} as t`;
    for await (const texts of fetchTexts(there, rows)) {
      signal.throwIfAborted();
      const positions = texts.map((_, index) => read + index + 1);
      read += texts.length;
      const chunk = { positions, texts, problems: null, columns: 'inTexts' } as const;
      await landRecords(source, revision, chunk, { words: true }).execute(trx);
    }
  });
  return { files: null, left: [] };
}
