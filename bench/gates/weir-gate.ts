import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { createGate } from '../../activities/gate.ts';
import { createOpen } from '../../activities/open.ts';
import type { BenchDatabase } from './database.ts';
import type { Contestant } from './contestant.ts';
import { seconds } from './contestant.ts';
import { asOf, schema, tableOf } from './fill.ts';
import { inRun, weir } from './rows.ts';

/**
 * Weir's evaluation until the verdict is stored: the gate's own activity, as a worker calls it, as the output gate of a
 * load whose candidate is the table. It reads files, load and parameters, evaluates, and stores verdict and result.
 */
export function weirContestant({ admin, databases, folders }: BenchDatabase): Contestant {
  const { gate } = createGate({ databases, folders });
  const loads = new Map<number, number>();
  return {
    name: weir,
    check: async (rows) => {
      const run = { workflowId: 'bench', runId: randomUUID() };
      const loadId = loads.get(rows) ?? (await insertLoad({ admin }, rows));
      loads.set(rows, loadId);
      return seconds(async () => {
        const verdict = await gate({
          loadId,
          model: 'bench_transactions',
          gate: 'output',
          suite: 'transactions',
          run,
        });
        mustPass(verdict, rows);
      });
    },
  };
}

async function insertLoad({ admin }: Pick<BenchDatabase, 'admin'>, rows: number): Promise<number> {
  const { load_id: loadId } = await admin
    .insertInto('control.load')
    .values({
      model: 'bench_transactions',
      pipeline: 'bench',
      workflow_id: 'bench',
      run_id: 'bench',
      state: 'staged',
      read_window: JSON.stringify({ kind: 'whole' }),
      system_identifier: 'bench',
      timeline: 1,
      as_of: asOf,
      candidate: tableOf(rows),
      sql_hash: 'bench',
    })
    .returning('load_id')
    .executeTakeFirstOrThrow();
  return loadId;
}

/**
 * The same suite as the input gate of stg_transactions, over the same rows landed in bronze: through the delta's window
 * by arrival, with the load that `open` made, and repeated deliveries looked for first.
 */
export async function inRunContestant(
  { admin, databases, folders }: BenchDatabase,
  rows: number,
): Promise<Contestant> {
  await landInBronze({ admin }, rows);
  const run = { workflowId: 'bench-run', runId: randomUUID() };
  // What an earlier bench left open is of a run that has ended.
  const { open } = createOpen({ databases, folders, isRunOpen: async () => false });
  const opened = await open({ model: 'stg_transactions', pipeline: 'hourly', asOf, run });
  if (opened.state === 'held')
    throw new Error('stg_transactions is held in the bench’s database: run without --keep');
  const { gate } = createGate({ databases, folders });
  return {
    name: inRun,
    check: () =>
      seconds(async () => {
        const verdict = await gate({
          loadId: opened.loadId,
          model: 'stg_transactions',
          gate: 'input',
          suite: 'transactions',
          run,
        });
        mustPass(verdict, rows);
      }),
  };
}

/** Copies the bench's table to bronze, as an extraction would have landed it. */
async function landInBronze({ admin }: Pick<BenchDatabase, 'admin'>, rows: number): Promise<void> {
  await sql`truncate bronze.raw_transactions`.execute(admin);
  await sql`
    insert into bronze.raw_transactions
      (transaction_id, store_id, terminal_id, customer_id, transaction_timestamp, total_amount, payment_method, items,
       anomaly_detected, anomaly_reasons, kafka_offset, kafka_partition, loaded_at,
       _source, _revision, _load, _position, _record_hash)
    select t.*, 'transactions/bench.jsonl', 1, 1, row_number() over (), md5(transaction_id)::uuid
    from ${sql.id(schema, tableOf(rows))} as t`.execute(admin);
  await sql`vacuum analyze bronze.raw_transactions`.execute(admin);
  await sql`checkpoint`.execute(admin);
}

function mustPass(
  verdict: { readonly outcome: string; readonly rows: number | null; readonly evaluated: number },
  rows: number,
): void {
  if (verdict.outcome !== 'pass' || verdict.rows !== rows || verdict.evaluated !== 8)
    throw new Error(
      `Weir's gate found ${JSON.stringify(verdict)} in ${rows} rows, each of which keeps every promise`,
    );
}
