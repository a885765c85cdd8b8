import { expect, it, vi } from 'vitest';
import { pageBeside, settlePages } from '../../workflows/pages-beside.ts';
import { stations } from '../../workflows/stations.ts';

vi.mock('@temporalio/workflow', async (original) => ({
  ...(await original<object>()),
  patched: () => true,
}));
vi.mock('../../workflows/cancelled.ts', () => ({ isCancelled: () => false }));

it('a run whose page was lost waits for its other pages all the same', async () => {
  const later = Promise.withResolvers<{ incident: null }>();
  const page = vi.spyOn(stations, 'page');
  page.mockImplementation((_, summary) =>
    summary === 'lost' ? Promise.reject(new Error('not in a day')) : later.promise,
  );
  const walk = { pages: new Map<string, Promise<void>>() };
  const tell = (model: string, summary: string) =>
    pageBeside(
      walk as never,
      model,
      { kind: 'runSucceeded', pipeline: 'hourly', run: { workflowId: 'w', runId: 'r' } },
      summary,
    );
  await tell('stg_one', 'lost');
  await tell('stg_one', 'told');
  await tell('stg_two', 'told');
  let isSettled = false;
  const settled = settlePages(walk).finally(() => {
    isSettled = true;
  });
  settled.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(page).toHaveBeenCalledTimes(3);
  expect(isSettled).toBe(false);
  later.resolve({ incident: null });
  await expect(settled).rejects.toThrow('On-call was not told about stg_one: not in a day');
});
