import { sql } from 'kysely';
import { ensurePartitions } from '../../activities/bronze-partitions.ts';
import { landDaysAgo, makePastDays } from '../activities/housekeeping-shop.ts';
import { runOf, stationsOf } from '../activities/shop.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';
import { guidedWeir } from './guided-weir.ts';

/**
 * Three old days: two that everybody has passed, of one a row that came later. And a candidate that a killed worker left.
 */
export const prepare: PrepareGuide = async (): Promise<PreparedGuide> => {
  const { weir, env, close } = await guidedWeir();
  const { admin, databases } = weir.database;
  // Those to come are there as after a housekeeping of today, and of tomorrow: a day may have begun since the migration,
  // and another may begin while the guide is run.
  for (const source of ['raw_transactions', 'raw_pos_events', 'raw_inventory'])
    await ensurePartitions(databases.loader, source, 8);
  await makePastDays(admin, 'raw_transactions', [-93, -92, -91]);
  await landDaysAgo(admin, 93, ['a', 'b', 'c']);
  await landDaysAgo(admin, 92, ['d']);
  await landDaysAgo(admin, 91, ['e']);
  const stations = stationsOf(databases);
  await stations.load('stg_transactions', runOf('first'));
  await landDaysAgo(admin, 91, ['late']);
  await stations.openWindow('stg_transactions', runOf('second'));
  await stations.release({ model: 'stg_transactions', run: runOf('second'), outcome: 'abandoned' });
  await sql`create table candidate.stg_transactions_2_1 as select 1 as n`.execute(databases.loader);

  return {
    env,
    varying: [
      [/raw_(transactions|pos_events|inventory)_\d{8}/g, 'raw_$1_DAY'],
      [/housekeeping-by-hand-[0-9a-f]{8}/g, 'housekeeping-by-hand-ID'],
      [/http:\/\/localhost:\d+\/namespaces\/[^/]+/g, 'UI'],
    ],
    close,
  };
};
