import { describeSchedule, diffSchedules, SCHEDULES } from '../../workers/schedules.ts';
import { ok, PATIENCE_MS, skipped, warning, type Check, type Finding, type Surroundings } from './check.ts';

/** Of a schedule that was just made or changed the server knows nothing for some seconds. */
const SLOW_MS = 4 * PATIENCE_MS;

/** Whether the server's schedules are what the code says, and start runs. */
export const schedules: Check = {
  name: 'schedules',
  run: async ({ temporal, taskQueue }) => {
    if (temporal === null) return skipped('Temporal');
    const { client } = temporal;
    const drifts = await client.withDeadline(Date.now() + SLOW_MS, () =>
      diffSchedules(client, { taskQueue }),
    );
    const found = [
      ...drifts
        .filter(({ state }) => state !== 'same')
        .map(({ scheduleId, state, drift }) =>
          state === 'unknown'
            ? warning(
                `schedule ${scheduleId} starts runs here, and the code does not know it`,
                'delete it in the UI, or write it into workers/schedules.ts',
              )
            : warning(
                `schedule ${scheduleId} ${state === 'missing' ? 'is missing' : `differs: ${drift.join('; ')}`}`,
                '`weir schedules apply`',
              ),
        ),
      ...(await pausedOnes(client)),
    ];
    return found.length > 0 ? found : [ok(`${SCHEDULES.length} schedules, as the code says`)];
  },
};

async function pausedOnes(
  client: NonNullable<Surroundings['temporal']>['client'],
): Promise<readonly Finding[]> {
  const described = await Promise.all(
    SCHEDULES.map(({ scheduleId }) => describeSchedule(client, scheduleId)),
  );
  return described.flatMap((found) =>
    found?.state.paused === true
      ? [
          warning(
            `schedule ${found.scheduleId} is paused: it starts nothing`,
            `\`weir schedules unpause ${found.scheduleId}\`, when it should`,
          ),
        ]
      : [],
  );
}
