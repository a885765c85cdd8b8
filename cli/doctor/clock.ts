import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { until } from '../../infra/local/until.ts';
import { ok, PATIENCE_MS, skipped, warning, type Check, type Surroundings } from './check.ts';

/** A difference below this disturbs nothing: slots are minutes apart. */
const TOLERANCE_MS = 2_000;

/** A queue where nothing ever is: only the time at which it was asked is of interest. */
const QUEUE = 'weir-doctor-clock';

/** Another machine's time, between two moments of our own. All in milliseconds since 1970. */
export interface ClockReading {
  readonly whose: string;
  readonly before: number;
  readonly theirs: number;
  readonly after: number;
}

/** Whether Postgres, Temporal and this machine agree what time it is. */
export const clock: Check = {
  name: 'clock',
  run: async (surroundings) => {
    const readings = (await Promise.all([readPostgres(surroundings), readTemporal(surroundings)])).filter(
      (one) => one !== null,
    );
    if (readings.length === 0) return skipped('neither Postgres nor Temporal answers');
    return readings.map(judgeClock);
  },
};

/** What a reading says: how far off it is for certain, whatever the way there and back took. */
export function judgeClock({ whose, before, theirs, after }: ClockReading) {
  const off = theirs < before ? before - theirs : theirs > after ? theirs - after : 0;
  if (off <= TOLERANCE_MS) return ok(`${whose} has the time of this machine`);
  const way = theirs < before ? 'behind' : 'ahead of';
  return warning(
    `the clock of ${whose} is ${(off / 1000).toFixed(1)} s ${way} this machine’s: ages and slots are judged by it`,
    'let both keep time with NTP',
  );
}

async function readPostgres({ database }: Surroundings): Promise<ClockReading | null> {
  if (database === null) return null;
  await sql`select 1`.execute(database);
  const before = Date.now();
  const { rows } = await sql<{ ms: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`.execute(database);
  return { whose: 'Postgres', before, theirs: rows[0]?.ms ?? 0, after: Date.now() };
}

/** Temporal tells its time nowhere, but when somebody last asked a queue for work it does: so somebody asks. */
async function readTemporal({ temporal }: Surroundings): Promise<ClockReading | null> {
  if (temporal === null) return null;
  const { connection, namespace } = temporal;
  const identity = `weir doctor ${randomBytes(4).toString('hex')}`;
  const stop = new AbortController();
  const taskQueue = { name: QUEUE };
  const before = Date.now();
  // The server refuses to be asked without a deadline.
  const ask = () => connection.workflowService.pollActivityTaskQueue({ namespace, taskQueue, identity });
  const asking = connection
    .withAbortSignal(stop.signal, () => connection.withDeadline(Date.now() + 2 * PATIENCE_MS, ask))
    .catch(() => undefined);
  try {
    const seen = await until(
      async () => {
        const { pollers } = await connection.workflowService.describeTaskQueue({
          namespace,
          taskQueue,
          taskQueueType: ACTIVITY,
        });
        return pollers?.find((one) => one.identity === identity)?.lastAccessTime ?? false;
      },
      { timeoutMs: PATIENCE_MS, what: 'Temporal tells when it was asked' },
    );
    return {
      whose: 'Temporal',
      before,
      theirs: Number(seen.seconds ?? 0) * 1000 + (seen.nanos ?? 0) / 1_000_000,
      after: Date.now(),
    };
  } finally {
    stop.abort();
    await asking;
  }
}

/** @see https://api-docs.temporal.io/#temporal.api.enums.v1.TaskQueueType */
const ACTIVITY = 2;
