import { sql } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import type { CursorSettings } from './cursor-settings.ts';

/**
 * Keeps of each row within the lookback which version was read last, and answers those that are new or differ from it.
 *
 * @param texts rows as `rowText` writes them.
 */
export async function takeUnseen(
  here: DatabaseTransaction,
  source: SourceModel,
  { key, cursor }: CursorSettings,
  texts: readonly string[],
): Promise<readonly string[]> {
  const columns = Object.keys(source.columns);
  const at = (name: string) => sql`t.text::jsonb ->> ${columns.indexOf(name)}::int`;
  const { rows } = await sql<{ number: number }>`
    with told as (
      select distinct on (key_hash) * from (
        select t.number, md5(jsonb_build_array(${sql.join(key.map(at))})::text)::uuid as key_hash,
          md5(t.text)::uuid as record_hash, ${at(cursor)} as position
        from unnest(${[...texts]}::text[]) with ordinality as t (text, number)
      ) as t order by key_hash, number desc
    ), changed as (
      insert into control.source_seen as s (source, key_hash, record_hash, position)
      select ${source.name}, key_hash, record_hash, position from told
      on conflict (source, key_hash) do update set record_hash = excluded.record_hash, position = excluded.position
      where s.record_hash <> excluded.record_hash
      returning key_hash
    )
    select told.number from told join changed using (key_hash) order by 1`.execute(here);
  return rows.flatMap(({ number }) => texts[number - 1] ?? []);
}

/** Forgets the rows that no lookback from here reaches. */
export async function forgetBefore(
  here: DatabaseTransaction,
  source: SourceModel,
  { typed, lessLookback }: CursorSettings,
  highest: string,
): Promise<void> {
  await sql`delete from control.source_seen as s
    where s.source = ${source.name} and ${typed(sql`s.position`)} < ${lessLookback(highest)}`.execute(here);
}
