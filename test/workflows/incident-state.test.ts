import { expect, test } from 'vitest';
import { incidentDetails } from '../../workflows/incident/details.ts';
import { begin, carry, failedSoFar, isIdle, laneOf } from '../../workflows/incident/state.ts';
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
  state.failedSoFar = 'once since 2017';
  const carried = carry(state);
  expect(carried).toMatchObject({ open: true, told: ['on-call'] });
  expect([carried.seen.length, carried.seen.at(-1)]).toEqual([500, 'event-599']);
  expect([carried.lines.length, carried.lines.at(-1)]).toEqual([500, '| 599 |']);
  // By way of JSON, as it travels.
  const next = begin(JSON.parse(JSON.stringify(carried)));
  expect(next).toMatchObject({ open: true, knowsTold: true, began: false, failedSoFar: 'once since 2017' });
  expect([...next.lanes.values()].filter(({ open }) => open).map(({ name }) => name)).toEqual(['on-call']);
  expect(next.seen.has('event-599')).toBe(true);
});

test('the details say how often it failed, and how much of what was sent they leave out', () => {
  const state = begin(undefined);
  expect(incidentDetails('weir/test/k', state)).not.toMatch(/failed|more before/);
  state.lines.push(...Array.from({ length: 62 }, (_, event) => `| ${event} |`));
  state.failedSoFar = failedSoFar(
    pageEvent({ details: { failed_so_far: '24 times since 2017-01-02T11:00:00.000Z' } }),
  );
  const text = incidentDetails('weir/test/k', state);
  expect(text).toContain('\nfailed 24 times since 2017-01-02T11:00:00.000Z\n');
  expect(text).toContain('\nand 12 more before what is shown\n');
  expect(text.match(/^\| \d+ \|$/gm)).toHaveLength(50);
  expect(failedSoFar(pageEvent({ details: { failed: 'once', since: '2017' } }))).toBe('once since 2017');
  expect(failedSoFar(pageEvent())).toBeNull();
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
