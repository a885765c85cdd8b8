import type { WeirSchedule } from '../../workers/schedules/schedule.ts';
import { describeSchedule, diffSchedules, schedulesOf, type ScheduleDrift } from '../../workers/schedules.ts';
import { ok, PATIENCE_MS, skipped, warning, type Check, type Finding, type Surroundings } from './check.ts';

/** Of a schedule that was just made or changed the server knows nothing for some seconds. */
const SLOW_MS = 4 * PATIENCE_MS;

/** Whether the server's schedules are what the code says, and start runs. */
export const schedules: Check = {
  name: 'schedules',
  run: async ({ temporal, taskQueue, repository }) => {
    if (temporal === null) return skipped('Temporal');
    if (repository === null) return skipped('the models, which say what schedules there are');
    const wanted = schedulesOf(repository.graph.models);
    const { client } = temporal;
    const drifts = await client.withDeadline(Date.now() + SLOW_MS, () =>
      diffSchedules(client, { taskQueue, schedules: wanted }),
    );
    const found = [
      ...drifts.filter(({ state }) => state !== 'same').map(told),
      ...(await pausedOnes(client, wanted)),
    ];
    return found.length > 0 ? found : [ok(`${wanted.length} schedules, as the code says`)];
  },
};

function told({ scheduleId, state, drift }: ScheduleDrift): Finding {
  switch (state) {
    case 'unknown':
      return warning(
        `schedule ${scheduleId} starts runs here, and the code does not know it`,
        'delete it in the UI, or write it into workers/schedules.ts',
      );
    case 'unneeded':
      return warning(
        `schedule ${scheduleId} starts runs, and no model says its schedule any more`,
        `\`weir schedules pause ${scheduleId}\`, or delete it in the UI`,
      );
    case 'missing':
      return warning(`schedule ${scheduleId} is missing`, '`weir schedules apply`');
    case 'differs':
    case 'same':
      return warning(`schedule ${scheduleId} differs: ${drift.join('; ')}`, '`weir schedules apply`');
  }
}

async function pausedOnes(
  client: NonNullable<Surroundings['temporal']>['client'],
  wanted: readonly WeirSchedule[],
): Promise<readonly Finding[]> {
  const described = await Promise.all(wanted.map(({ scheduleId }) => describeSchedule(client, scheduleId)));
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
