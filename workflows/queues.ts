/**
 * The task queues of an installation. Apart, so that a gate never waits behind loads that run for an hour, a page
 * behind neither, and so that each can have workers of its own.
 */
export const QUEUES = ['workflows', 'load', 'gate', 'page'] as const;

export type Queue = (typeof QUEUES)[number];

/** A queue's name on the server: runs are started on the installation's own, activities have theirs beside it. */
export function queueName(taskQueue: string, queue: Queue): string {
  return queue === 'workflows' ? taskQueue : `${taskQueue}-${queue}`;
}
