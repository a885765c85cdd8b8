import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createPage } from '../../../activities/page.ts';
import { until } from '../../poll.ts';
import { freshDatabase } from '../../setup/database.ts';
import { requestStandIn } from '../../infra/pagerduty/request.ts';
import { testPager } from '../../workflows/incident-worker.ts';
import { failingVerdict } from './verdict.ts';

test('the incident of a held gate leads to its gate run in the catalogue, as a responder sees it', async () => {
  const [database, pager] = await Promise.all([freshDatabase(), testPager()]);
  try {
    await pager.start();
    const { page } = createPage({
      databases: database.databases,
      client: pager.temporal.client,
      environment: `test-${randomUUID().slice(0, 8)}`,
      taskQueue: pager.temporal.taskQueue,
      links: {
        temporalUi: 'http://localhost:8233',
        namespace: pager.temporal.namespace,
        catalogueUrl: 'https://example.com/catalogue',
      },
      retry: { firstRetryMs: 100 },
    });
    const verdictId = randomUUID();
    const { incident: dedupKey } = await page({
      kind: 'gateHeld',
      verdict: failingVerdict({ verdictId, loadId: 1 }),
      model: { name: 'stg_transactions', owner: 'store-data', runbook: null, downstream: [] },
      run: { workflowId: 'hourly-2017-01-02T11', runId: randomUUID() },
      holdUntil: '2017-01-02T23:00:00.000Z',
    });
    const [incident] = await until(
      async () => {
        const all = await pager.incidents(dedupKey ?? '');
        return all.length > 0 ? all : false;
      },
      { what: 'somebody is paged', timeoutMs: 60_000 },
    );
    const { body: shown } = await requestStandIn<string>(pager.standIn, 'GET', `/incidents/${incident?.id}`);
    expect(shown).toContain(
      `href="https://example.com/catalogue/gates/${verdictId}.html">Gate run: history and promises</a>`,
    );
  } finally {
    await pager.close();
    await database.drop();
  }
});
