import proto from '@temporalio/proto';
import { queueName, QUEUES, type Queue } from '../../workflows/queues.ts';
import { broken, ok, PATIENCE_MS, skipped, type Check, type Surroundings } from './check.ts';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** A poll lasts a minute at most: whoever has not polled for longer is gone. */
const POLLED_WITHIN_MS = 90_000;

/** Whether somebody takes the tasks of each queue. */
export const workers: Check = {
  name: 'workers',
  run: async ({ temporal, taskQueue }) => {
    if (temporal === null) return skipped('Temporal');
    const polled = await Promise.all(
      QUEUES.flatMap((queue) => kindsOf(queue).map((kind) => lookAt(temporal, taskQueue, queue, kind))),
    );
    const idle = polled.filter(({ identities }) => identities.length === 0);
    const all = new Set(polled.flatMap(({ identities }) => identities));
    if (idle.length === 0) return [ok(`${all.size} at work on ${QUEUES.length} queues`)];
    const names = [...new Set(idle.map(({ name }) => name))];
    return [
      broken(
        `nobody takes the tasks of ${names.join(', ')}: runs that come there wait`,
        'start a worker with these settings: `node infra/bootstrap.mjs workers/main.ts`; where one runs, it has another WEIR_TASK_QUEUE or serves other WEIR_QUEUES',
      ),
    ];
  },
};

type Kind = 'workflow' | 'activity';

function kindsOf(queue: Queue): readonly Kind[] {
  return queue === 'workflows' ? ['workflow'] : ['activity'];
}

async function lookAt(
  { connection, namespace }: NonNullable<Surroundings['temporal']>,
  taskQueue: string,
  queue: Queue,
  kind: Kind,
): Promise<{ readonly name: string; readonly identities: readonly string[] }> {
  const name = queueName(taskQueue, queue);
  const { pollers } = await connection.withDeadline(Date.now() + PATIENCE_MS, () =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name },
      taskQueueType:
        kind === 'workflow' ? TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW : TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    }),
  );
  const since = Date.now() - POLLED_WITHIN_MS;
  return {
    name,
    identities: (pollers ?? [])
      .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= since)
      .map(({ identity }) => identity ?? ''),
  };
}
