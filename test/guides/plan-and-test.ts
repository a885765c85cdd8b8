import { cpSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import { createPlan } from '../../activities/plan.ts';
import { folders, runOf, stationsOf } from '../activities/shop.ts';
import type { PrepareGuide } from './guide.ts';

/** A copy of the shipped models, published once; since then three baskets have landed. */
export const prepare: PrepareGuide = async ({ database: { admin, databases }, folder }) => {
  const models = path.join(folder, 'models');
  cpSync(folders.modelsFolder, models, { recursive: true });
  await createPlan({ databases, environment: 'guide', folders }).plan({ pipeline: 'hourly' });
  const { load } = stationsOf(databases);
  await sql`
    insert into bronze.raw_stores (store_id, store_name, region, district, store_format, store_size_sqft, opens_at,
      closes_at, opened_on, _source, _revision, _load, _position, _record_hash)
    select 'STORE_' || lpad(n::text, 5, '0'), 'Store ' || n, 'WEST', 'WEST-1', 'EXPRESS', 10000, '06:00', '23:00',
      '1999-01-01', 'operational.stores', 1, 1, n, md5(n::text)::uuid
    from generate_series(1, 3) as n`.execute(admin);
  await load('dim_stores', runOf('daily'), { pipeline: 'daily' });
  await sell(admin, 'morning.jsonl', '2017-01-30T08:00:00', 40);
  for (const model of ['stg_transactions', 'fct_daily_sales']) await load(model, runOf('hourly'));
  await sell(admin, 'noon.jsonl', '2017-01-30T12:00:00', 3);
  // Nobody asked a gate: that is told of a published model, and not what the guide is about.
  await sql`delete from control.gate_run`.execute(admin);
  return { env: { WEIR_MODELS_FOLDER: models } };
};

/** A basket a minute, of 10 to 49; every twentieth of 60,000. */
async function sell(admin: Database, file: string, from: string, many: number): Promise<void> {
  await sql`
    insert into bronze.raw_transactions (transaction_id, store_id, terminal_id, customer_id, transaction_timestamp,
      total_amount, payment_method, items, _source, _revision, _load, _position, _record_hash)
    select ${file} || n, 'STORE_0000' || 1 + n % 3, 'T1', 'C' || n % 7, ${from}::timestamp + n * interval '1 minute',
      case when n % 20 = 0 then 60000 else 10 + n % 40 end, 'CASH', '[{}]', ${file}, 1,
      nextval('control.load_sequence'), n, md5(${file} || n)::uuid
    from generate_series(1, ${many}::integer) as n`.execute(admin);
}
