import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from '../databases.ts';
import type { AlarmPage } from '../page/page-input.ts';
import { storable } from '../storable.ts';
import { redactJson } from '../../expectations/redact.ts';

/** The alarms that the watch keeps books of. */
export type WatchAlarm = 'runEnded' | 'tasksFailing' | 'scheduleMissed';

/** A page without what its state says. */
export type WatchPage = Omit<AlarmPage, 'kind' | 'state'> & { readonly alarm: WatchAlarm };

/** Keeps a page for on-call, in the transaction that has seen what it tells of. */
export async function keepPage(
  transaction: DatabaseTransaction,
  page: WatchPage,
  state: AlarmPage['state'],
): Promise<void> {
  const whole: AlarmPage = { kind: 'alarm', state, ...page };
  await transaction
    .insertInto('control.watch_page')
    .values({ page: JSON.stringify(redactJson(whole), (_name, value: unknown) => storableJson(value)) })
    .execute();
}

/** Who ends a run may give any text as a reason: one that Postgres refuses would keep the look from getting past it. */
function storableJson(value: unknown): unknown {
  return typeof value === 'string' ? storable(value) : value;
}

/** Something that is not well is told when a second look, this long after the first, finds it so too. */
export interface Confirming {
  readonly page: WatchPage;
  readonly runs?: readonly { readonly workflowId: string; readonly runId: string }[];
  readonly confirmMs: number;
}

/** Notes that something is not well, and tells of it once that was seen twice. @returns whether it has been told of. */
export async function confirmAlarm(
  db: Database,
  { page, runs = [], confirmMs }: Confirming,
): Promise<boolean> {
  const { alarm, subject } = page;
  return await db.transaction().execute(async (transaction) => {
    const seen = await transaction
      .insertInto('control.watch_alarm')
      .values({
        alarm,
        subject,
        state: 'seen',
        since: sql`pg_catalog.clock_timestamp()`,
        runs: JSON.stringify(runs),
      })
      .onConflict((conflict) =>
        conflict.columns(['alarm', 'subject']).doUpdateSet((row) => ({ runs: row.ref('excluded.runs') })),
      )
      .returning([
        'state',
        'since',
        sql<boolean>`since <= pg_catalog.clock_timestamp() - ${confirmMs} * interval '1 ms'`.as('lasts'),
      ])
      .executeTakeFirstOrThrow();
    if (seen.state === 'raised') return true;
    if (!seen.lasts) return false;
    await transaction
      .updateTable('control.watch_alarm')
      .set({ state: 'raised' })
      .where('alarm', '=', alarm)
      .where('subject', '=', subject)
      .execute();
    const since = seen.since.toISOString();
    await keepPage(transaction, { ...page, occasion: since, details: { ...page.details, since } }, 'raised');
    return true;
  });
}

/** Notes that it is well again, and tells so where it was told of. @returns whether it was. */
export async function clearAlarm(db: Database, page: WatchPage): Promise<boolean> {
  const { alarm, subject } = page;
  return await db.transaction().execute(async (transaction) => {
    const gone = await transaction
      .deleteFrom('control.watch_alarm')
      .where('alarm', '=', alarm)
      .where('subject', '=', subject)
      .returning(['state', 'since'])
      .executeTakeFirst();
    if (gone?.state !== 'raised') return false;
    await keepPage(
      transaction,
      { ...page, occasion: `${gone.since.toISOString()}/${page.occasion}` },
      'cleared',
    );
    return true;
  });
}

/** What is not well, of one kind. */
export async function openAlarms(db: Database, alarm: WatchAlarm) {
  return await db
    .selectFrom('control.watch_alarm')
    .selectAll()
    .where('alarm', '=', alarm)
    .orderBy('subject')
    .execute();
}

/** How many pages one round hands out. */
const PAGES_AT_ONCE = 50;

/** Notes what on-call was told, forgets what it was told long ago, and gives what it is to be told now. */
export async function takePages(
  db: Database,
  told: readonly number[],
): Promise<{ readonly pages: readonly AlarmPage[]; readonly pageIds: readonly number[] }> {
  if (told.length > 0)
    await db
      .updateTable('control.watch_page')
      .set({ told_at: sql<Date>`pg_catalog.now()` })
      .where('watch_page_id', 'in', [...told])
      .where('told_at', 'is', null)
      .execute();
  await db
    .deleteFrom('control.watch_page')
    .where(sql<boolean>`told_at < pg_catalog.now() - interval '30 days'`)
    .execute();
  const rows = await db
    .selectFrom('control.watch_page')
    .select(['watch_page_id', 'page'])
    .where('told_at', 'is', null)
    .orderBy('watch_page_id')
    .limit(PAGES_AT_ONCE)
    .execute();
  return {
    // Written by keepPage, and by nobody else.
    pages: rows.map(({ page }) => page as AlarmPage),
    pageIds: rows.map(({ watch_page_id: id }) => id),
  };
}
