import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../infra/local/until.ts';
import { applySchedules, MINUTE_SCHEDULE } from '../../workers/schedules.ts';
import type { Guarded } from './repository.ts';
import type { Measured } from './rows.ts';
import { incidentOpenedAt, type PagesSite } from './site.ts';

const MINUTE_MS = 60_000;

/**
 * Lands bad files at seconds all over the minute while the real schedule runs, and takes the seconds from each file's last
 * byte until its incident is open. The worst second is the one after a run has looked at the folder.
 */
export async function measureMinutes(
  site: PagesSite,
  models: readonly Guarded[],
  measured: Measured,
  onProgress: (line: string) => void,
): Promise<void> {
  const { client, taskQueue } = site;
  await applySchedules(client, { taskQueue, schedules: [MINUTE_SCHEDULE], paused: false });
  const schedule = client.schedule.getHandle(MINUTE_SCHEDULE.scheduleId);
  await schedule.unpause();
  try {
    onProgress('the schedule of a minute runs');
    await until(async () => (await schedule.describe()).info.recentActions.length > 0, {
      what: 'a first run of the minute',
      timeoutMs: 3 * MINUTE_MS,
    });
    await Promise.all(
      models.map((model, at) => measureFile(site, model, secondOf(at, models.length), measured, onProgress)),
    );
  } finally {
    await schedule.delete();
  }
}

/** Seconds all over the minute, the one after a run has looked among them. */
function secondOf(at: number, count: number): number {
  return (7 + Math.round((at * 60) / count)) % 60;
}

async function measureFile(
  site: PagesSite,
  model: Guarded,
  second: number,
  measured: Measured,
  onProgress: (line: string) => void,
): Promise<void> {
  await delay((second * 1000 - (Date.now() % MINUTE_MS) + MINUTE_MS) % MINUTE_MS);
  const landed = await site.landBad(model);
  const opened = await until(() => incidentOpenedAt(site, model.model), {
    what: `the incident of ${model.model} is open`,
    timeoutMs: 4 * MINUTE_MS,
    everyMs: 1000,
  });
  const seconds = (opened - landed) / 1000;
  measured.files.push({ second, seconds });
  onProgress(`a bad file at :${String(second).padStart(2, '0')} paged after ${seconds.toFixed(1)} s`);
}
