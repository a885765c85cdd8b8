import { sql } from 'kysely';
import { isSource } from '../../models/model.ts';
import type { SourceModel } from '../../models/model.ts';
import { deltaReaders, wholeReaders } from '../../models/readers.ts';
import type { Database } from '../databases.ts';
import { postgresFault } from '../postgres-error.ts';
import { readValidGraph } from '../published-model.ts';
import { counted, inBatches, ROWS_AT_ONCE } from './chore.ts';
import type { Chore, ChoreCall } from './chore.ts';

/** A partition with rows beyond the retention, as `control.expired_bronze_partitions` finds it. */
interface Expired {
  readonly partition: string;
  /** The whole of it has expired: it is dropped. Else its expired rows are deleted. */
  readonly whole: boolean;
  /** Who still needs a row of it, in words. */
  readonly claims: readonly string[];
}

/**
 * Takes what has been kept for as long as a source's header says, but never a row that a model's watermark has not
 * passed, or that a load which has not ended may read: the database's own functions see to that
 * (`infra/migrations/011-housekeeping.sql`), under the lock that dropping takes.
 *
 * To drop a partition shuts everybody out of its source for some milliseconds. `DETACH … CONCURRENTLY` would not, but
 * cannot run where there is a default partition. So it waits for its lock for less than a second, and where a long read
 * is in the way leaves the partition to the next housekeeping.
 *
 * @see https://www.postgresql.org/docs/18/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION
 */
export const dropExpired: Chore = async (call) => {
  const graph = await readValidGraph(call.folders);
  const report = { done: [] as string[], left: [] as string[], warnings: [] as string[] };
  for (const source of graph.models.filter(isSource)) {
    if (source.retention === null) continue;
    const whole = wholeReaders(graph, source.name);
    const expired = await findExpired(call.databases.loader, source, deltaReaders(graph, source.name));
    if (expired.length > 0 && whole.length > 0) {
      report.warnings.push(
        `${source.relation}: ${whole.join(', ')} reads it whole and would lose what expires; nothing was taken. ` +
          `Let it read delta.${source.name}, or take the retention out of ${source.file}`,
      );
      continue;
    }
    await takeExpired(call, source, deltaReaders(graph, source.name), expired, report);
  }
  return report;
};

async function findExpired(
  loader: Database,
  { name }: SourceModel,
  readers: readonly string[],
): Promise<readonly Expired[]> {
  const { rows } = await sql<Expired>`
    select partition, whole, claims from control.expired_bronze_partitions(${name}, ${[...readers]}::text[])`.execute(
    loader,
  );
  return rows;
}

interface Lines {
  readonly done: string[];
  readonly left: string[];
}

async function takeExpired(
  { databases: { loader }, dryRun, signal }: ChoreCall,
  source: SourceModel,
  readers: readonly string[],
  expired: readonly Expired[],
  lines: Lines,
): Promise<void> {
  for (const { partition, whole, claims } of expired) {
    signal.throwIfAborted();
    if (claims.length > 0) {
      lines.left.push(`${partition}: still needed by ${claims.join(', ')}`);
    } else if (dryRun) {
      lines.done.push(`${partition}: would ${whole ? 'drop it' : 'delete its expired rows'}`);
    } else {
      const taken = whole
        ? await dropPartition(loader, partition, readers)
        : await deleteRows(loader, partition, readers, signal);
      lines[taken.state].push(`${partition}: ${taken.text}`);
      if (taken.busy) {
        lines.left.push(`${source.relation}: in use, the rest is left to the next time`);
        return;
      }
    }
  }
}

interface Taken {
  readonly state: 'done' | 'left';
  readonly text: string;
  readonly busy: boolean;
}

async function dropPartition(
  loader: Database,
  partition: string,
  readers: readonly string[],
): Promise<Taken> {
  const answer = await unlessBusy(() =>
    sql<{ dropped: boolean; rows: number; claims: readonly string[] }>`
      select dropped, rows, claims from control.drop_bronze_partition(${partition}, ${[...readers]}::text[])`.execute(
      loader,
    ),
  ).catch(unlessGone);
  if (answer === 'gone') return { state: 'left', text: 'another housekeeping has dropped it', busy: false };
  if (answer === null) return { state: 'left', text: 'somebody reads its source', busy: true };
  const [row] = answer.rows;
  if (row?.dropped === true)
    return { state: 'done', text: `dropped, ${counted(row.rows, 'row')}`, busy: false };
  return { state: 'left', text: `still needed by ${row?.claims.join(', ') ?? 'somebody'}`, busy: false };
}

async function deleteRows(
  loader: Database,
  partition: string,
  readers: readonly string[],
  signal: AbortSignal,
): Promise<Taken> {
  let [busy, total] = [false, 0];
  await inBatches(signal, async () => {
    const answer = await unlessBusy(() =>
      sql<{ rows: number }>`
        select control.delete_expired_bronze_rows(${partition}, ${[...readers]}::text[], ${ROWS_AT_ONCE}::int) as rows`.execute(
        loader,
      ),
    );
    busy = answer === null;
    const rows = answer?.rows[0]?.rows ?? 0;
    total += rows;
    return rows;
  });
  if (total > 0) return { state: 'done', text: `deleted ${counted(total, 'expired row')}`, busy };
  return { state: 'left', text: busy ? 'the ledger is in use' : 'its expired rows are still needed', busy };
}

/** Lock not available, and deadlock: somebody was there first. */
const BUSY = ['55P03', '40P01'];

/** Undefined table: two look at the same partition, and one of them drops it. */
const GONE = '42P01';

function unlessGone(error: unknown): 'gone' {
  if (postgresFault(error)?.sqlstate === GONE) return 'gone';
  throw error;
}

async function unlessBusy<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (BUSY.includes(postgresFault(error)?.sqlstate ?? '')) return null;
    throw error;
  }
}
