import { namedSlots } from '../schedules/named-times.ts';
import { pipelineOf, type WeirSchedule } from '../schedules/schedule.ts';
import type { Reading } from './gauges.ts';

const DAY_MS = 86_400_000;

/** How far back the last time of a schedule is looked for: a schedule of some days of the week has one by then. */
const LOOK_BACK_GRAINS = 200;

/**
 * The end of the newest slot that each schedule has named by now, of those pipelines that have been scheduled at all: nobody
 * is late who was never asked.
 *
 * @param readings among them the newest slots that were loaded
 */
export function dueSlots(
  schedules: readonly WeirSchedule[],
  readings: readonly Reading[],
  now: Date,
): readonly Reading[] {
  const begun = new Set(
    readings.flatMap(({ name, labels }) =>
      name === 'weir_schedule_last_slot_timestamp_seconds' ? [labels['pipeline']] : [],
    ),
  );
  return schedules.flatMap((schedule) => {
    const kind = pipelineOf(schedule);
    if (kind === null || !begun.has(kind.pipeline)) return [];
    const back = Math.min(8 * DAY_MS, LOOK_BACK_GRAINS * kind.grainMs);
    const due = namedSlots(schedule, new Date(now.getTime() - back), now).at(-1);
    if (due === undefined) return [];
    return [
      {
        name: 'weir_schedule_due_slot_timestamp_seconds',
        labels: { pipeline: kind.pipeline },
        value: Date.parse(due.end) / 1000,
      },
    ];
  });
}
