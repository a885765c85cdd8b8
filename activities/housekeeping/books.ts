import { sql } from 'kysely';
import { isPublished } from '../../models/model.ts';
import { touchedKeysOf } from '../../models/statements/stage.ts';
import type { Database } from '../databases.ts';
import { markSuperseded } from '../quarantine/mark-superseded.ts';
import { readValidGraph } from '../published-model.ts';
import { counted, inBatches, ROWS_AT_ONCE } from './chore.ts';
import type { Chore, ChoreCall } from './chore.ts';
import { takeOldPromises } from './promises.ts';
import { takeOldSamples } from './samples.ts';

/** Days before rows in quarantine expire that somebody is told. */
const WARNED_DAYS = 7;

/**
 * Takes what the books keep for a time: full results of gates, what became of promises, rows in quarantine, keys that ended loads recomputed, and
 * what the ledger has of minutes in which nothing arrived. Else the ledger, landings, retractions, verdicts and decisions stay: they are one small row a load, a file or a decision, and
 * say what happened and what not to land again.
 */
export const tidyBooks: Chore = async (call) => {
  const { loader } = call.databases;
  const done = [
    ...(await markOvertaken(call)),
    ...(await takeResults(call)),
    ...(await takeQuarantine(call)),
    ...(await takeTouchedKeys(call)),
    ...(await tidyDeliveries(call)),
    ...(await takeOldSamples(call)),
    ...(await takeOldPromises(call)),
    ...(await takeEmptyMinutes(call)),
  ];
  const { rows } = await sql<{ soon: number }>`
    select count(*) as soon from (
      select expires_at from control.quarantine where state = 'waiting'
      union all select expires_at from control.batch_quarantine where state = 'waiting'
    ) as waiting where expires_at < pg_catalog.now() + make_interval(days => ${WARNED_DAYS}::int)`.execute(
    loader,
  );
  const soon = rows[0]?.soon ?? 0;
  const warning = `${counted(soon, 'row')} in quarantine will be gone within ${WARNED_DAYS} days: weir quarantine list`;
  return { done, left: [], warnings: soon > 0 ? [warning] : [] };
};

/** So that nobody mends what was mended otherwise, and no day of bronze is kept for it. */
async function markOvertaken({ databases, folders, dryRun }: ChoreCall): Promise<readonly string[]> {
  if (dryRun) return [];
  const marked = await markSuperseded(databases.loader, await readValidGraph(folders));
  return marked > 0 ? [`${counted(marked, 'row')} in quarantine marked as superseded`] : [];
}

/** Takes rows of a control table in batches, or counts them on a dry run. */
async function takeRows(
  { databases: { loader }, dryRun, signal }: ChoreCall,
  table: string,
  where: ReturnType<typeof sql>,
): Promise<number> {
  if (dryRun) return countRows(loader, table, where);
  return inBatches(signal, async () => {
    const { numAffectedRows = 0n } = await sql`
      delete from ${sql.table(table)} where ctid = any (array(
        select t.ctid from ${sql.table(table)} as t where ${where} limit ${ROWS_AT_ONCE} for update skip locked))`.execute(
      loader,
    );
    return Number(numAffectedRows);
  });
}

async function countRows(loader: Database, table: string, where: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await sql<{
    rows: number;
  }>`select count(*) as rows from ${sql.table(table)} as t where ${where}`.execute(loader);
  return rows[0]?.rows ?? 0;
}

const expired = sql`t.expires_at < pg_catalog.now()`;

async function takeResults(call: ChoreCall): Promise<readonly string[]> {
  const rows = await takeRows(call, 'control.gate_result', expired);
  return rows > 0 ? [said(call, rows, 'expired full result of a gate', 'expired full results of gates')] : [];
}

/**
 * A row that an input gate set aside stands in bronze too, and must not come back when a later version of it is
 * retracted: of it the record goes, and the place stays. One that was released may, so its state stays too.
 */
async function takeQuarantine(call: ChoreCall): Promise<readonly string[]> {
  const records = await takeRows(call, 'control.quarantine', expired);
  const rows = await takeRows(call, 'control.batch_quarantine', sql`${expired} and t.gate = 'output'`);
  const emptied = await emptyPlaces(call);
  const total = records + rows + emptied;
  return total > 0 ? [said(call, total, 'expired row in quarantine', 'expired rows in quarantine')] : [];
}

async function emptyPlaces({ databases: { loader }, dryRun, signal }: ChoreCall): Promise<number> {
  const where = sql`${expired} and t.gate = 'input' and t.record <> '{}'`;
  if (dryRun) return countRows(loader, 'control.batch_quarantine', where);
  return inBatches(signal, async () => {
    const { rows } = await sql`
      with emptied as (
        update control.batch_quarantine as b set record = '{}', state = case when old.waited then 'superseded' else b.state end
        from (
          select t.batch_quarantine_id as id, t.state = 'waiting' as waited from control.batch_quarantine as t
          where ${where} limit ${ROWS_AT_ONCE} for update skip locked
        ) as old
        where b.batch_quarantine_id = old.id returning b.*, old.waited
      ), said as (
        insert into control.quarantine_decision
          (kept_in, kept_id, decision, reason, decided_by, relation, _source, _revision, _position)
        select 'batch_quarantine', batch_quarantine_id, 'superseded', 'nobody released it before it expired', 'weir', model,
          _source, _revision, _position
        from emptied where waited
      )
      select from emptied`.execute(loader);
    return rows.length;
  });
}

/** Days after which nobody asks what became of a page of an incident that is over. */
const DELIVERIES_DAYS = 90;

/**
 * What became of pages: rows of incidents that are over. A row that says "tried again" a day after its last attempt is
 * not: its incident was ended by somebody before it was taken.
 */
async function tidyDeliveries(call: ChoreCall): Promise<readonly string[]> {
  const stale = sql`t.state = 'failing' and t.last_tried_at < pg_catalog.now() - interval '25 hours'`;
  const given = call.dryRun
    ? await countRows(call.databases.loader, 'control.page_delivery', stale)
    : await giveUp(call.databases.loader, stale);
  const rows = await takeRows(
    call,
    'control.page_delivery',
    sql`t.last_tried_at < pg_catalog.now() - make_interval(days => ${DELIVERIES_DAYS}::int) and not exists (
      select from control.incident as i where i.dedup_key = t.dedup_key and i.state = 'open')`,
  );
  return [
    ...(given > 0
      ? [`${counted(given, 'page')} that nobody tries any more ${call.dryRun ? 'would be' : 'is'} given up`]
      : []),
    ...(rows > 0 ? [said(call, rows, 'old delivery of a page', 'old deliveries of pages')] : []),
  ];
}

async function giveUp(loader: Database, stale: ReturnType<typeof sql>): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update control.page_delivery as t set state = 'undelivered', next_try_at = null where ${stale}`.execute(
    loader,
  );
  return Number(numAffectedRows);
}

/** A model has one load at a time, whose stage clears the table: what is left is of loads that have ended. */
async function takeTouchedKeys(call: ChoreCall): Promise<readonly string[]> {
  const { databases, folders, dryRun, signal } = call;
  const { loader } = databases;
  const graph = await readValidGraph(folders);
  const lines: string[] = [];
  for (const model of graph.models.filter(isPublished)) {
    if (model.shape.kind !== 'touched') continue;
    signal.throwIfAborted();
    const keys = touchedKeysOf(model);
    const ended = sql`not exists (
      select from control.load as l where l.load_id = k.load_id and l.state in ('open', 'staged'))`;
    const { rows } = await sql<{
      rows: number;
    }>`select count(*) as rows from ${keys} as k where ${ended}`.execute(loader);
    if (!dryRun) await sql`delete from ${keys} as k where ${ended}`.execute(loader);
    if ((rows[0]?.rows ?? 0) > 0)
      lines.push(
        said(
          call,
          rows[0]?.rows ?? 0,
          `key of ended loads of ${model.name}`,
          `keys of ended loads of ${model.name}`,
        ),
      );
  }
  return lines;
}

/** A model of a minute leaves 1,440 rows a day of which most say that there was nothing: control.empty_minute. */
async function takeEmptyMinutes(call: ChoreCall): Promise<readonly string[]> {
  const { databases, dryRun, signal } = call;
  const { loader } = databases;
  const rows = dryRun
    ? await countRows(loader, 'control.empty_minute', sql`true`)
    : await inBatches(signal, async () => {
        const taken = await sql<{
          rows: number;
        }>`select control.take_empty_minutes(${ROWS_AT_ONCE}) as rows`.execute(loader);
        return taken.rows[0]?.rows ?? 0;
      });
  return rows > 0 ? [said(call, rows, 'empty minute of the ledger', 'empty minutes of the ledger')] : [];
}

function said({ dryRun }: ChoreCall, rows: number, one: string, many: string): string {
  return `${dryRun ? 'would take' : 'took'} ${counted(rows, one, many)}`;
}
