import { expect, test } from 'vitest';
import { begin, carry, isIdle, laneOf } from '../../workflows/incident/state.ts';
import { pageEvent } from '../activities/notifiers/page-event.ts';

test('the next run knows whom the incident is open at, what came and what was answered', () => {
  const state = begin(undefined);
  state.open = true;
  laneOf(state, 'on-call').open = true;
  laneOf(state, 'chat').open = false;
  for (let event = 0; event < 600; event += 1) {
    state.seen.add(`event-${event}`);
    state.lines.push(`| ${event} |`);
  }
  const carried = carry(state);
  expect(carried).toMatchObject({ open: true, told: ['on-call'] });
  expect([carried.seen.length, carried.seen.at(-1)]).toEqual([500, 'event-599']);
  expect([carried.lines.length, carried.lines.at(-1)]).toEqual([500, '| 599 |']);
  // By way of JSON, as it travels.
  const next = begin(JSON.parse(JSON.stringify(carried)));
  expect(next).toMatchObject({ open: true, knowsTold: true, began: false });
  expect([...next.lanes.values()].filter(({ open }) => open).map(({ name }) => name)).toEqual(['on-call']);
  expect(next.seen.has('event-599')).toBe(true);
});

test('a run that was handed on by an earlier version knows of nobody', () => {
  expect(begin({ seen: ['a'], lines: [], open: true })).toMatchObject({ open: true, knowsTold: false });
});

test('is idle while nothing waits and nothing is sent', () => {
  const state = begin(undefined);
  const lane = laneOf(state, 'on-call');
  expect(isIdle(state)).toBe(true);
  lane.sending = pageEvent();
  expect(isIdle(state)).toBe(false);
  lane.sending = null;
  lane.waiting.push(pageEvent());
  expect(isIdle(state)).toBe(false);
});
