import { expect, test } from 'vitest';
import { everyReceiverOf, receiversOf, type Route } from '../../../activities/notifiers/routes.ts';
import { pageEvent } from './page-event.ts';

const route = (match: Route['match'], to: string, goesOn = false): Route => ({ match, to: [to], goesOn });
const routes: readonly Route[] = [
  route({ model: ['fct_*', 'dim_stores'] }, 'gold', true),
  route({ severity: ['critical', 'error'], tier: [1] }, 'awake'),
  route({ owner: ['finance'], class: ['gate *'] }, 'finance'),
  route({ pipeline: ['daily'] }, 'daily'),
  route({}, 'all'),
];
const of = (changes: Parameters<typeof pageEvent>[0]) => receiversOf(routes, pageEvent(changes));

test('the first route that matches ends the asking, unless it goes on', () => {
  expect(of({ tier: 1 })).toEqual(['awake']);
  expect(of({ tier: 1, component: 'fct_daily_sales' })).toEqual(['gold', 'awake']);
  expect(of({ tier: 2, severity: 'critical' })).toEqual(['all']);
  expect(of({ owner: 'finance', class: 'gate held' })).toEqual(['finance']);
  expect(of({ owner: 'finance', class: 'run failed', group: 'daily' })).toEqual(['daily']);
});

test('what an event does not say matches nothing but a route that does not ask', () => {
  expect(of({ tier: null, owner: null, class: null, group: null, component: null })).toEqual(['all']);
  expect(receiversOf(routes.slice(0, 4), pageEvent({ group: null }))).toEqual([]);
});

test('what was added to an incident is for whom it would be for by itself, too', () => {
  const { severity, component, group, owner, tier } = pageEvent({ owner: 'finance', tier: 2 });
  const also = { severity, component, group, owner, tier, class: 'gate held' };
  expect(everyReceiverOf(routes, pageEvent({ tier: 1, also }))).toEqual(['awake', 'finance']);
  expect(everyReceiverOf(routes, pageEvent({ tier: 1, also: { ...also, tier: 1 } }))).toEqual(['awake']);
});

test('a star stands for anything, all else for itself', () => {
  const one = (pattern: string, model: string): boolean =>
    receiversOf([route({ model: [pattern] }, 'x')], pageEvent({ component: model })).length > 0;
  expect(one('fct_*', 'fct_')).toBe(true);
  expect(one('*_sales', 'fct_daily_sales')).toBe(true);
  expect(one('fct.sales', 'fct_sales')).toBe(false);
  expect(one('fct', 'fct_sales')).toBe(false);
  expect(one('a(b', 'a(b')).toBe(true);
});
