import type { PageEvent } from '../../../activities/notifiers/notifier.ts';

/** An event as `page` makes them, for tests to change. */
export function pageEvent(changes: Partial<PageEvent> = {}): PageEvent {
  return {
    eventId: '5f0c6a52-7c0e-4f62-9d0d-8c3f3a9a1b11/held',
    action: 'trigger',
    dedupKey: 'weir/test/stg_transactions/transactions',
    summary: 'stg_transactions held: 4 of 8 promises broken in a batch of 57 rows',
    source: 'weir/test/stg_transactions',
    severity: 'critical',
    timestamp: '2017-01-02T11:00:00.000Z',
    component: 'stg_transactions',
    group: 'hourly',
    class: 'gate held',
    owner: null,
    tier: null,
    details: { what_broke: [{ expected: 'transaction_id unique', observed: '2 of 57 rows share a value' }] },
    links: [{ href: 'http://localhost:8233/namespaces/default/workflows/w/r/history', text: 'Run' }],
    clientUrl: 'http://localhost:8233/namespaces/default/workflows/w/r/history',
    ...changes,
  };
}
