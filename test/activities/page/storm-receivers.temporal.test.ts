import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notifier, PageEvent } from '../../../activities/notifiers/notifier.ts';
import { until } from '../../poll.ts';
import { heldPage, openStorms, passedPage, type Storms } from './storms.ts';

let storms: Storms;
const told: PageEvent[] = [];
/** The pager of another team. */
const inventory: Notifier = {
  name: 'inventory',
  send: async (event) => {
    told.push(event);
    return { delivered: true, status: 200, dedupKey: event.dedupKey };
  },
};
beforeAll(async () => {
  const routes = [
    { match: { owner: ['inventory'] }, to: ['inventory'], goesOn: false },
    { match: {}, to: ['pagerduty'], goesOn: false },
  ];
  storms = await openStorms({ beside: [inventory], routes });
});
afterAll(() => storms.close());

function heldOf(model: string, owner: string) {
  const page = heldPage(model);
  return { ...page, model: { ...page.model, owner } };
}

const actions = (): readonly string[] => told.map(({ action }) => action);

test('who answers for a member of a storm is told of it once, and that it is over', async () => {
  const [one, two, three, four] = ['m00', 'm01', 'm02', 'm03'] as const;
  const head = await storms.page(heldOf(one, 'store-data'));
  expect(await storms.page(heldOf(two, 'store-data'))).toBe(head);
  await until(async () => (await storms.pager.taken()).length === 2, { what: 'both are told' });
  expect(told).toEqual([]);
  expect(await storms.page(heldOf(three, 'inventory'))).toBe(head);
  await until(() => told.length === 1, { what: 'the other team is told' });
  expect(told[0]).toMatchObject({
    ...{ action: 'trigger', dedupKey: head, owner: 'store-data' },
    summary: expect.stringContaining(`also ${three} held`),
  });
  expect(await storms.page(heldOf(four, 'inventory'))).toBe(head);
  await until(() => told.length === 2, { what: 'the other team hears of its second' });
  for (const name of [one, two, three, four]) await storms.page(passedPage(name));
  await storms.deps.client.workflow.getHandle(`incident/${head}`).result();
  expect(actions()).toEqual([
    'trigger',
    ...actions()
      .slice(1, -1)
      .map(() => 'update'),
    'resolve',
  ]);
  expect(await storms.pager.incidents(head ?? '')).toMatchObject([{ status: 'resolved' }]);
});
