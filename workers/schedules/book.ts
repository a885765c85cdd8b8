import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ScheduleBook } from '../../activities/missed-slots.ts';
import { namedSlots } from './named-times.ts';
import type { WeirSchedule } from './schedule.ts';

/** What schedules of the code name, and which of it the server has run. */
export function scheduleBook(client: Client, schedules: readonly WeirSchedule[]): ScheduleBook {
  return {
    slots: (scheduleId, after, before) => {
      const schedule = schedules.find((one) => one.scheduleId === scheduleId);
      return schedule === undefined ? [] : namedSlots(schedule, after, before);
    },
    hasRun: async (workflowId) => {
      try {
        await client.workflow.getHandle(workflowId).describe();
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
  };
}
