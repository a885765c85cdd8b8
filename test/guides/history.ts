import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { sql } from 'kysely';
import { createGate } from '../../activities/gate.ts';
import { folders, runOf, stationsOf } from '../activities/shop.ts';
import type { Database } from '../../activities/databases.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';

/** Twenty stores, loaded twice, and a third refresh that is held because half of them are missing. */
export const prepare: PrepareGuide = async ({ database, folder }): Promise<PreparedGuide> => {
  const { admin, databases } = database;
  const stations = stationsOf(databases);
  const load = async (date: string): Promise<void> => {
    for (const model of ['dim_stores', 'dim_stores_history'])
      await stations.load(model, runOf(`daily-${date}`), {
        asOf: `${date}T00:00:00.000Z`,
        pipeline: 'daily',
      });
  };
  await says(admin, 20);
  await load('2017-01-06');
  await sql`update bronze.raw_stores set store_format = 'SUPERCENTER' where store_id = 'STORE_00019'`.execute(
    admin,
  );
  await sql`delete from bronze.raw_stores where store_id = 'STORE_00020'`.execute(admin);
  await load('2017-01-08');

  await sql`delete from bronze.raw_stores where store_id > 'STORE_00010'`.execute(admin);
  const run = runOf('daily-2017-01-09');
  const asOf = '2017-01-09T00:00:00.000Z';
  const { loadId } = await stations.openWindow('dim_stores', run, { asOf, pipeline: 'daily' });
  await stations.stage({ loadId, run });
  const asked = { loadId, model: 'dim_stores', gate: 'output', suite: 'dim_stores', run } as const;
  const { verdictId } = await createGate({ databases, folders }).gate(asked);
  await stations.hold({ loadId, model: 'dim_stores', verdictId, run });
  // Else it would be another one each time, and the guide could not name it.
  await sql`update control.gate_run set verdict_id = '5702e500-0000-4000-8000-000000000001'
    where verdict_id = ${verdictId}`.execute(admin);
  ensurePsql(path.join(folder, 'bin'));
  return {};
};

async function says(admin: Database, stores: number): Promise<void> {
  await sql`
    insert into bronze.raw_stores (store_id, store_name, region, district, store_format, store_size_sqft, opens_at,
      closes_at, opened_on, _source, _revision, _load, _position, _record_hash)
    select 'STORE_' || lpad(n::text, 5, '0'), 'Store ' || n, 'WEST', 'WEST-' || n % 3, 'EXPRESS', 10000 + n, '06:00', '23:00',
      '1999-01-01', 'operational.stores', 1, 1, n, md5(n::text)::uuid
    from generate_series(1, ${stores}::integer) as n`.execute(admin);
}

/** Where psql is not installed, what stands in for `psql URL --csv -c QUERY`. */
export function ensurePsql(bin: string): void {
  if (spawnSync('psql', ['--version']).status === 0) return;
  const script = `
    const { Client } = require(${JSON.stringify(createRequire(import.meta.url).resolve('pg'))});
    const client = new Client({ connectionString: process.argv[2], types: { getTypeParser: () => (text) => text } });
    const told = async () => {
      await client.connect();
      const { fields, rows } = await client.query({ text: process.argv[5], rowMode: 'array' });
      for (const row of [fields.map(({ name }) => name), ...rows]) console.log(row.map((value) => value ?? '').join(','));
      await client.end();
    };
    told();`;
  writeFileSync(path.join(bin, 'psql.cjs'), script);
  writeFileSync(path.join(bin, 'psql'), `#!/bin/sh\nexec "${process.execPath}" "${bin}/psql.cjs" "$@"\n`);
  chmodSync(path.join(bin, 'psql'), 0o755);
}
