import path from 'node:path';
import { sql } from 'kysely';
import { createGate } from '../../activities/gate.ts';
import { createQuarantine } from '../../activities/quarantine.ts';
import { orderedQuarantine } from '../../expectations/verdict.ts';
import { folders, runOf, stationsOf } from '../activities/shop.ts';
import type { Database } from '../../activities/databases.ts';
import { ensurePsql } from './history.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';

const MODEL = 'stg_transactions';
const asOf = '2017-01-02T09:00:00.000Z';

/** An hour of six baskets, of which a store is unknown in one, a store is missing in another and a third was no record. */
export const prepare: PrepareGuide = async ({ database, folder }): Promise<PreparedGuide> => {
  const { admin, databases } = database;
  const stations = {
    ...stationsOf(databases),
    ...createGate({ databases, folders }),
    ...createQuarantine({ databases, folders }),
  };
  await sql`insert into gold.dim_stores (store_id) values ('STORE_00001'), ('STORE_00002')`.execute(admin);
  await deliver(admin);
  const run = runOf('hourly-incremental-load-2017-01-02T09:05:00Z');
  const { loadId } = await stations.openWindow(MODEL, run, { asOf });
  const asked = { loadId, model: MODEL, gate: 'input', suite: 'transactions', run } as const;
  const verdict = await stations.gate(asked);
  const { verdictId, evaluationId } = verdict;
  const order = orderedQuarantine(verdict);
  if (typeof order === 'string') throw new Error(order);
  await stations.quarantine({ ...asked, verdictId, evaluationId, attempt: 0, order });
  await stations.gate(asked);
  const { attempt } = await stations.stage({ loadId, run });
  await stations.publish({ loadId, run, attempt });
  await stations.load('fct_daily_sales', run, { asOf });
  // A day later: the same keys once more, and then all of them.
  const facts = loadId + 1;
  await stations.load('fct_daily_sales', runOf('by-hand-1'), { asOf, replay: facts });
  await stations.load('fct_daily_sales', runOf('by-hand-2'), { asOf, rebuild: true });
  ensurePsql(path.join(folder, 'bin'));
  return {
    varying: [
      [/"loaded_at": "[^"]*"/g, '"loaded_at": "…"'],
      [/"_xid": "\d+"/g, '"_xid": "…"'],
      [/"_record_hash": "[^"]*"/g, '"_record_hash": "…"'],
      [/^ {2}\d+:\d+:[\d,]*$/gm, '  SNAPSHOT'],
    ],
  };
};

async function deliver(admin: Database): Promise<void> {
  const file = '2017-01-02T08.jsonl';
  const at = '2017-01-02T08:15:00';
  await sql`
    insert into control.landing (source, file, revision, content_hash, size_bytes, modified_at, load_sequence, rows_landed, rows_rejected, workflow_id)
    values ('raw_transactions', ${file}, 1, 'x', 1, now(), 1, 5, 1, 'test')`.execute(admin);
  await sql`
    insert into bronze.raw_transactions (transaction_id, store_id, customer_id, transaction_timestamp, total_amount,
      payment_method, items, _source, _revision, _load, _position, _record_hash)
    select 'T0000' || n, case n when 2 then 'STORE_99' when 5 then null else 'STORE_0000' || 1 + n % 2 end, 'C' || n,
      ${at}::timestamp, n, 'CASH', '[{}]', ${file}, 1, 1, n, md5(n::text)::uuid
    from generate_series(1, 5) as n`.execute(admin);
  await sql`
    insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id)
    values ('bronze.raw_transactions', ${file}, 1, 6, 'total_amount is not numeric(12,2)',
      '{"transaction_id": "T00006", "store_id": "STORE_00001", "total_amount": "6,50", "transaction_timestamp": "2017-01-02T08:20:00Z"}', 'test')`.execute(
    admin,
  );
}
