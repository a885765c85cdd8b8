import { expect, test } from 'vitest';
import { createLog } from '../../../activities/notifiers/log.ts';
import { notifierConformance } from './conformance.ts';
import { pageEvent } from './page-event.ts';
import { incidentsOf, type Understood } from './test-service.ts';

notifierConformance(async () => {
  const taken: Understood[] = [];
  const log = (message: string, fields: Readonly<Record<string, unknown>>): void => {
    expect(JSON.stringify({ message, ...fields }).length).toBeLessThan(32_000);
    taken.push({
      action: /^page (\w+): /.exec(message)?.[1] ?? message,
      key: String(fields['dedupKey']),
    });
  };
  return {
    secrets: ['the log has none'],
    create: () => createLog({ name: 'log', log }),
    incidents: async (dedupKey) => incidentsOf(taken, dedupKey),
    changes: async () => taken.filter(({ action }) => action === 'change').length,
    stop: async () => {},
  };
});

test('a log that cannot be written is no delivery, and what it said stays in', async () => {
  const notifier = createLog({
    name: 'log',
    log: () => {
      throw new Error('disk full: SECRET');
    },
  });
  expect(await notifier.send(pageEvent(), { signal: new AbortController().signal })).toMatchObject({
    delivered: false,
    retry: true,
    reason: 'The log could not be written.',
  });
});
