import { sql } from 'kysely';
import type { Database } from '../databases.ts';
import { counted } from './chore.ts';
import type { Chore } from './chore.ts';

/** From which age a transaction is reported. Loads and gates stay well below. */
const LIMIT_MINUTES = 60;

/** A transaction that others have to reckon with: what it wrote is not there yet, or what it sees must be kept. */
interface LongTransaction {
  /** Null of a prepared one. */
  readonly pid: number | null;
  readonly minutes: number;
  readonly who: string;
  readonly application: string;
  readonly database: string;
  readonly state: string;
  /** It has written: windows leave its rows to a later one. */
  readonly writes: boolean;
  /** Loads published since it began, and rows that they read. */
  readonly loads: number;
  readonly rows: number;
}

/**
 * Tells of transactions that are open for so long that they matter: a writer's rows are in flight for every window
 * meanwhile, so none of its day can be dropped and every window that goes by leaves it to a later one; and what any of
 * them may still see, vacuum has to leave. Says who it is and never what it asked: a query has values in it.
 */
export const reportLongTransactions: Chore = async ({ databases: { loader } }) => {
  const warnings = (await findLong(loader)).map((one) => {
    const whose = one.pid === null ? 'a prepared transaction' : `pid ${one.pid} (${one.application})`;
    const open = `${whose} of ${one.who} in database ${one.database}, ${one.state}, open for ${counted(one.minutes, 'minute')}`;
    return one.writes
      ? `${open}: it has written, and ${counted(one.loads, 'load')} over ${counted(one.rows, 'row')} went by without its rows since`
      : `${open}: vacuum has to keep what it may see`;
  });
  return { done: [], left: [], warnings };
};

async function findLong(loader: Database): Promise<readonly LongTransaction[]> {
  const { rows } = await sql<LongTransaction>`
    select t.pid, floor(extract(epoch from pg_catalog.now() - t.began) / 60)::int as minutes, t.who, t.application,
      t.database, t.state, t.writes, l.loads, l.rows
    from control.long_transactions(make_interval(mins => ${LIMIT_MINUTES}::int)) as t
    cross join lateral (
      select count(*) as loads, coalesce(sum(rows_read), 0)::bigint as rows from control.load
      where published_at > t.began
    ) as l
    order by t.began`.execute(loader);
  return rows;
}
