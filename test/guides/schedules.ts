import { ScheduleOverlapPolicy } from '@temporalio/client';
import { sql } from 'kysely';
import { applySchedules } from '../../workers/schedules.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir } from '../setup/weir.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';

/** Somebody has changed the hourly schedule by hand, and its last slot was loaded three hours ago. */
export const prepare: PrepareGuide = async (): Promise<PreparedGuide> => {
  const temporalServer = await ownTemporal();
  const weir = await testWeir({ worker: false, temporalServer });
  const { client, taskQueue } = weir.temporal;
  await applySchedules(client, { taskQueue, paused: false });
  await client.schedule.getHandle('hourly-incremental-load').update((was) => ({
    ...was,
    policies: { ...was.policies, overlap: ScheduleOverlapPolicy.SKIP },
  }));
  await sql`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline,
      slot_end, as_of, sql_hash, opened_at)
    values ('stg_transactions', 'hourly', 'w', 'r', 'published', '{"kind": "arrival"}', '1', 1,
      date_trunc('hour', now(), 'UTC') - interval '3 hours', now(), 'h', now() - interval '3 hours')`.execute(
    weir.database.admin,
  );
  return {
    env: {
      DATABASE_URL: weir.settings.databaseUrl,
      TEMPORAL_ADDRESS: weir.temporal.address,
      TEMPORAL_NAMESPACE: weir.temporal.namespace,
      WEIR_TASK_QUEUE: weir.settings.taskQueue,
    },
    varying: [
      [/http:\/\/localhost:\d+\/namespaces\/\S+/g, 'UI'],
      [/missed \d slots/g, 'missed N slots'],
      // The guide may be run at five past.
      [/has not run yet|last NOW running, \S+/g, 'LAST'],
    ],
    close: async () => {
      await weir.close();
      await temporalServer.stop();
    },
  };
};
