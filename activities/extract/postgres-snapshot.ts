import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { SourceModel } from '../../models/model.ts';
import { parseSnapshot } from '../../models/window.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { beginLanding } from './postgres/land-texts.ts';
import { fetchTexts, rowText } from './postgres/row-texts.ts';
import { rereadTable } from './postgres/reread-table.ts';
import { landFromSource, readAtSource } from './postgres/session.ts';
import { checkKey, checkPostgresSettings, postgresSettings } from './postgres/settings.ts';
import { compareColumns } from './postgres/source-columns.ts';
import { takePosition } from './postgres/source-snapshot.ts';
import { moveSourceWatermark, readSourceWatermark } from './postgres/watermark.ts';
import type { Extracted, Extraction, Reader, SettingProblem, SourceDrift } from './reader.ts';

/**
 * Reads a table of another Postgres without a gap: every row that was committed there since the last extract, by the
 * transaction that last wrote it. The table needs a column of type xid8 that its writers set; see
 * docs/guides/sources.md. The watermark is a snapshot of that server and moves with the rows.
 */
export const reader: Reader = { check, extract, reread: rereadTable };

const misses =
  'Rows that are deleted at the source stay; a row that is updated without its xid column moving is not seen.';

function check(source: SourceModel): readonly SettingProblem[] {
  const { xid_column: column = '_xid' } = source.settings;
  const named = typeof column === 'string' && /^[a-z_][a-z0-9_]*$/.test(column);
  const problem = {
    problem: 'settings.xid_column is not the name of a column',
    mend: 'Leave it out where the column is named _xid.',
  };
  const key = source.settings['key'] === undefined ? [] : checkKey(source);
  return [...checkPostgresSettings(source), ...key, ...(named ? [] : [problem])];
}

function xidColumn({ settings: { xid_column: column } }: SourceModel): string {
  return typeof column === 'string' ? column : '_xid';
}

async function extract(extraction: Extraction): Promise<Extracted> {
  const { source, run, signal } = extraction;
  const { relation } = postgresSettings(source);
  return landFromSource(extraction, (here) =>
    readAtSource(extraction, async (there) => {
      const nothing = { files: 0, rows: 0, rejected: 0, retractedFiles: 0, misses };
      const { drift, unread } = await compareColumns(there, here, source, relation);
      const lacking = drift.length > 0 ? drift : await xidDrift(there, source, relation);
      if (lacking.length > 0) return { ...nothing, drift: lacking };
      const last = await readSourceWatermark(here, source);
      const position = await takePosition(there, source, last);
      const landing = await beginLanding(here, source, relation, run.workflowId);
      const query = arrived(source, relation, last?.position ?? null, position.position);
      for await (const texts of fetchTexts(there, query)) {
        signal.throwIfAborted();
        await landing.take(texts);
      }
      await moveSourceWatermark(here, source, position);
      const { landed: rows, rejected } = landing.total();
      const unused = unread.filter((name) => name !== xidColumn(source));
      return { ...nothing, rows, rejected, ...(unused.length > 0 ? { unread: unused } : {}) };
    }),
  );
}

/** The two branches of a window by arrival: see models/delta-views.ts. */
function arrived(
  source: SourceModel,
  relation: string,
  from: string | null,
  to: string,
): RawBuilder<{ text: string }> {
  const xid = sql.ref(`t.${xidColumn(source)}`);
  const rows = sql`select ${rowText('t', Object.keys(source.columns))} as text from ${sql.table(relation)} as t`;
  const now = parseSnapshot(to);
  const seen = sql`${xid} < ${now.xmax}::xid8 and ${xid} <> all (${`{${now.xip.join(',')}}`}::xid8[])`;
  if (from === null) return sql`${rows} where ${seen}`;
  const old = parseSnapshot(from);
  return sql`${rows} where ${xid} >= ${old.xmax}::xid8 and ${seen}
    union all ${rows} where ${xid} = any (${`{${old.xip.join(',')}}`}::xid8[]) and ${xid} < ${old.xmax}::xid8 and ${seen}`;
}

/** Whether the table has the column that this reader reads by. */
async function xidDrift(
  there: DatabaseTransaction,
  source: SourceModel,
  relation: string,
): Promise<readonly SourceDrift[]> {
  const column = xidColumn(source);
  const { rows } = await sql<{ type: string }>`
    select format_type(a.atttypid, a.atttypmod) as type from pg_catalog.pg_attribute as a
    where a.attrelid = to_regclass(${relation}) and a.attname = ${column} and not a.attisdropped`.execute(
    there,
  );
  const type = rows[0]?.type;
  if (type === 'xid8') return [];
  const problem =
    type === undefined
      ? `${relation} has no column ${column}`
      : `${column} of ${relation} is ${type} and not xid8`;
  const mend =
    `At the source: alter table ${relation} add column ${column} xid8 not null default pg_current_xact_id(); create index on ${relation} (${column}); ` +
    'and the trigger of docs/guides/sources.md for what is updated; then reloadAndRetry. Or read the table with postgres_hash.';
  return [{ column, problem, mend }];
}
