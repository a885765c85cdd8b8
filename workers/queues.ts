import { QUEUES, type Queue } from '../workflows/queues.ts';
import type { Connections } from './databases.ts';

/** Activities at once in one process, by queue. `workflows` are those that runs of an earlier version have scheduled. */
export type Slots = Readonly<Record<Queue, number>>;

/**
 * Two cores of Postgres are busy with fewer loads; a gate is read-only and takes a second connection for a large batch;
 * a page waits for its service, not for the processor.
 */
export const SLOTS: Slots = { workflows: 2, load: 8, gate: 4, page: 8 };

/**
 * Connections that one activity has open at once, at most: an extract lands two files side by side, a gate measures on
 * two connections and reads what the loader has written.
 */
const CONNECTIONS: Readonly<Record<Exclude<Queue, 'workflows'>, Connections>> = {
  load: { loader: 2, publisher: 1, validator: 0 },
  gate: { loader: 1, publisher: 0, validator: 2 },
  page: { loader: 1, publisher: 0, validator: 0 },
};

/**
 * How large the pools of a process have to be, so that no activity waits for a connection once it has its slot.
 *
 * With all queues and the usual slots: 32 of the loader, 10 of the publisher, 12 of the validator. They are opened when
 * they are needed, and closed when they were not for ten seconds. Queries are cancelled from a connection of their own.
 */
export function poolSizes(queues: readonly Queue[], slots: Slots = SLOTS): Connections {
  const most = (login: keyof Connections): number =>
    Math.max(
      1,
      queues.reduce((all, queue) => all + slots[queue] * perActivity(queue, login), 0),
    );
  return { loader: most('loader'), publisher: most('publisher'), validator: most('validator') };
}

/** What is scheduled on the runs' own queue may be any station. */
function perActivity(queue: Queue, login: keyof Connections): number {
  return queue === 'workflows'
    ? Math.max(...Object.values(CONNECTIONS).map((connections) => connections[login]))
    : CONNECTIONS[queue][login];
}

/** @throws Error naming a queue that is none. */
export function readQueues(text: string | undefined): readonly Queue[] {
  if (text === undefined || text.trim() === '') return QUEUES;
  return text.split(',').map((part) => {
    const queue = QUEUES.find((known) => known === part.trim());
    if (queue !== undefined) return queue;
    throw new Error(
      `WEIR_QUEUES names ${JSON.stringify(part.trim())}, which is no queue: give some of ${QUEUES.join(',')}, or leave it out for all.`,
    );
  });
}
