import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
afterEach(async () => {
  await weir.close();
});

const counts = 'store_id,sku,on_hand_qty,reserved_qty,last_count_ts';
const inventory = [counts, 'STORE_00001,1,5,1,2017-01-02T07:00:00', 'STORE_00002,1,7,0,2017-01-02T07:05:00'];

/** What on-call reads of the held model. */
async function told(): Promise<string> {
  const [incident] = await until(
    async () => {
      const incidents = await weir.incidents();
      return incidents.length > 0 && incidents;
    },
    { what: 'on-call is told', timeoutMs: 60_000 },
  );
  return incident?.text ?? '';
}

async function reload(run: Run, verdictId: string): Promise<void> {
  const args: [{ verdictId: string; reason: string }] = [{ verdictId, reason: 'put back at the source' }];
  await run.executeUpdate(decisionUpdates.reloadAndRetry, { args });
}

async function drifts(): Promise<unknown> {
  const { rows } =
    await sql`select source, column_name, cleared_at is not null as cleared from control.source_drift`.execute(
      weir.database.admin,
    );
  return rows;
}

describe('what has changed at its source holds the gate of who reads it, and goes on once it is put back', () => {
  it('a column of a table', async () => {
    weir = await testWeir();
    const { admin } = weir.database;
    await weir.loadDimensions();
    await sql`alter table operational.stores rename column region to area`.execute(admin);
    const run = await weir.run('daily');
    const verdictId = await weir.heldVerdict('dim_stores');
    expect(await told()).toMatch(
      /raw_stores has changed at its source, seen .*: operational\.stores has no column region\. Have it put back at the source, or change models\/bronze\/raw_stores\.sql; then reloadAndRetry/,
    );
    const { rows } = await sql`select count(distinct region) as regions from gold.dim_stores`.execute(admin);
    expect(rows).toEqual([{ regions: 1 }]);
    await sql`alter table operational.stores rename column area to region`.execute(admin);
    await reload(run, verdictId);
    const { models } = await run.result();
    expect(models['dim_stores']).toMatchObject({ state: 'published' });
    expect(await drifts()).toEqual([{ source: 'raw_stores', column_name: 'region', cleared: true }]);
  });

  it('the type of one', async () => {
    weir = await testWeir();
    const { admin } = weir.database;
    await weir.loadDimensions();
    await sql`alter table operational.stores alter column store_size_sqft type text`.execute(admin);
    const run = await weir.run('daily');
    const verdictId = await weir.heldVerdict('dim_stores');
    expect(await told()).toMatch(/store_size_sqft of operational\.stores is text and in the header integer/);
    await sql`alter table operational.stores alter column store_size_sqft type bigint using store_size_sqft::bigint`.execute(
      admin,
    );
    await sql`alter table operational.stores alter column store_size_sqft type integer`.execute(admin);
    await reload(run, verdictId);
    expect((await run.result()).models['dim_stores']).toMatchObject({ state: 'published' });
  });

  it('a column of a file, though nothing of it has landed and the window is empty', async () => {
    weir = await testWeir();
    await weir.loadDimensions();
    await weir.land(
      'inventory/2017-01-02T07.csv',
      inventory.map((line) => line.replace(/^([^,]*,[^,]*),[^,]*/, '$1')),
    );
    const run = await weir.run('hourly', { asOf: '2017-01-02T08:00:00Z', models: ['stg_inventory'] });
    const verdictId = await weir.heldVerdict('stg_inventory');
    expect(await told()).toMatch(
      /the header row of 2017-01-02T07\.csv has no on_hand_qty\. Have the file delivered again as it was agreed, or take on_hand_qty out/,
    );
    await weir.land('inventory/2017-01-02T07.csv', inventory);
    await reload(run, verdictId);
    expect((await run.result()).models['stg_inventory']).toMatchObject({ state: 'published', rows: 2 });
    expect(await drifts()).toEqual([{ source: 'raw_inventory', column_name: 'on_hand_qty', cleared: true }]);
  });
});
