import { sql } from 'kysely';
import { defineCommand } from 'citty';
import type { Database } from '../../activities/databases.ts';
import { placeNamed, readKept } from '../../activities/quarantine/kept-rows.ts';
import type { Kept, KeptPlace } from '../../activities/quarantine/kept-rows.ts';
import { sourceOf } from '../../activities/quarantine/source-of.ts';
import type { Json } from '../../expectations/json.ts';
import type { SourceModel } from '../../models/model.ts';
import { answer } from '../answer.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { plain } from '../plain.ts';
import { withQuarantine } from './connect.ts';

interface Shown extends Kept {
  /** As it was set aside: a row as JSON, a record as the text that was delivered. */
  readonly record: Json;
  /** The row as it stands in bronze, where it does: what `--set` mends. */
  readonly row: Json;
  readonly decisions: readonly Decision[];
}

interface Decision {
  readonly decision: string;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
  readonly columns: readonly string[];
}

/** `weir quarantine show`: one of them with its values, for those who may read them. */
export default defineCommand({
  meta: {
    name: 'show',
    description:
      'One that is set aside, whole, values included, and what was decided about it. For logins that may read results: administrators, and those granted weir_result_reader. Example: weir quarantine show b7 Exit codes: 0 done, 3 could not run.',
  },
  args: {
    id: { type: 'positional', required: true, description: 'as weir quarantine list shows it: r12, b7' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(
    async ({ args }): Promise<ExitCode> =>
      await withQuarantine('weir quarantine show', async (database, graph) => {
        const place = readId(args.id);
        const [kept] = await readKept(database, { ids: [place] });
        if (kept === undefined) throw new Failure(`nothing is kept as ${args.id}, or it has expired`);
        const shown: Shown = {
          ...kept,
          record: await readRecord(database, place),
          row: await readRow(database, sourceOf(graph, kept.relation), kept),
          decisions: await readDecisions(database, place),
        };
        answer(args.json, shown, () => showText(shown));
        return exitCodes.done;
      }),
  ),
});

/** @throws Failure (3) for what is no id. */
export function readId(id: string): KeptPlace {
  const place = placeNamed(id);
  if (place !== null) return place;
  throw new Failure(`${id} is no id: those are r12 or b7, as \`weir quarantine list\` shows them`);
}

async function readRecord(database: Database, { keptIn, keptId }: KeptPlace): Promise<Json> {
  const record =
    keptIn === 'quarantine'
      ? sql`select case when q.load_id is not null and pg_input_is_valid(q.record, 'jsonb') then q.record::jsonb
          when q.record is null then to_jsonb(encode(q.record_bytes, 'hex')) else to_jsonb(q.record) end as record
          from control.quarantine as q where q.quarantine_id = ${keptId}`
      : sql`select record from control.batch_quarantine where batch_quarantine_id = ${keptId}`;
  const { rows } = await sql<{ record: Json }>`${record}`.execute(database);
  return rows[0]?.record ?? null;
}

async function readRow(database: Database, source: SourceModel | null, kept: Kept): Promise<Json> {
  if (source === null || kept.kind === 'record') return null;
  const { file, revision, position } = kept;
  const { rows } = await sql<{ row: Json }>`
    select to_jsonb(b.*) as row from ${sql.table(source.relation)} as b
    where b._source = ${file} and b._revision = ${revision} and b._position = ${position} limit 1`.execute(
    database,
  );
  return rows[0]?.row ?? null;
}

async function readDecisions(
  database: Database,
  { keptIn, keptId }: KeptPlace,
): Promise<readonly Decision[]> {
  const rows = await database
    .selectFrom('control.quarantine_decision')
    .selectAll()
    .where('kept_in', '=', keptIn)
    .where('kept_id', '=', keptId)
    .orderBy('quarantine_decision_id')
    .execute();
  return rows.map((row) => ({
    decision: row.decision,
    by: row.decided_by,
    at: row.decided_at.toISOString(),
    reason: row.reason,
    columns: row.columns_mended,
  }));
}

function showText(shown: Shown): string {
  const { id, relation, reason, state, file, revision, position, loadId, since, expiresAt } = shown;
  const text = (value: Json): string =>
    plain(typeof value === 'string' ? value : JSON.stringify(value, null, 2));
  return [
    `${id} · ${relation} · ${state}`,
    reason,
    file === null ? 'computed from several rows' : `${file} revision ${revision}, line ${position}`,
    `set aside at ${since}${loadId === null ? '' : ` by load ${loadId}`}, kept until ${expiresAt}`,
    ...shown.decisions.map(
      (one) =>
        `${one.decision} by ${one.by} at ${one.at}: ${one.reason}` +
        (one.columns.length > 0 ? ` (mended: ${one.columns.join(', ')})` : ''),
    ),
    '',
    'as it was set aside:',
    text(shown.record),
    ...(shown.row === null ? [] : ['', 'as it stands in bronze, where release mends it:', text(shown.row)]),
    '',
  ].join('\n');
}
