import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Delivery, Notifier } from '../../../activities/notifiers/notifier.ts';
import { answersConformance } from './conformance-answers.ts';
import { pageEvent } from './page-event.ts';
import type { HttpNotifierUnderTest, NotifierUnderTest } from './under-test.ts';

/** Holds a notifier that posts over HTTP to what every notifier must do: three lines in its own test file. */
export function httpNotifierConformance(start: () => Promise<HttpNotifierUnderTest>): void {
  notifierConformance(start);
  describe('what is answered', () => {
    answersConformance(start);
  });
}

/** What every notifier must do, whatever it tells people by. */
export function notifierConformance(start: () => Promise<NotifierUnderTest>): void {
  describe('what is told', () => {
    lifeConformance(start);
  });
}

function lifeConformance(start: () => Promise<NotifierUnderTest>): void {
  let subject: NotifierUnderTest;
  beforeAll(async () => {
    subject = await start();
  });
  afterAll(() => subject.stop());

  const send = async (notifier: Notifier, event = pageEvent()): Promise<Delivery> => {
    const delivery = await notifier.send(event, { signal: new AbortController().signal });
    for (const secret of subject.secrets) expect(JSON.stringify(delivery)).not.toContain(secret);
    return delivery;
  };

  test('opens with a trigger, adds with an update, closes with a resolve of the same key', async () => {
    const notifier = subject.create({});
    const event = pageEvent({ dedupKey: 'weir/test/one-life' });
    const delivered = { delivered: true, dedupKey: event.dedupKey };
    expect(await send(notifier, event)).toMatchObject(delivered);
    expect(await send(notifier, { ...event, action: 'update' })).toMatchObject(delivered);
    expect(await subject.incidents(event.dedupKey)).toMatchObject([{ status: 'triggered', entries: 2 }]);
    expect(await send(notifier, { ...event, action: 'resolve' })).toMatchObject(delivered);
    expect(await subject.incidents(event.dedupKey)).toMatchObject([{ status: 'resolved', entries: 3 }]);
  });

  test('tells a change without opening anything', async () => {
    const before = await subject.changes();
    const change = pageEvent({ action: 'change', dedupKey: 'weir/test/changed', severity: 'warning' });
    expect(await send(subject.create({}), change)).toMatchObject({ delivered: true });
    expect(await subject.changes()).toBe(before + 1);
    expect(await subject.incidents('weir/test/changed')).toEqual([]);
  });

  test('takes a resolve where nothing is open', async () => {
    expect(
      await send(subject.create({}), pageEvent({ action: 'resolve', dedupKey: 'never-opened' })),
    ).toMatchObject({ delivered: true });
    expect(await subject.incidents('never-opened')).toEqual([]);
  });

  test('does not tell what is cancelled before it begins', async () => {
    const event = pageEvent({ dedupKey: 'weir/test/cancelled' });
    const delivery = await subject.create({}).send(event, { signal: AbortSignal.abort() });
    expect(delivery).toMatchObject({ delivered: false, retry: true });
    expect(await subject.incidents(event.dedupKey)).toEqual([]);
  });

  test.each(['trigger', 'update', 'change'] as const)(
    'sends a %s that is far too large, cut, rather than not at all',
    async (action) => {
      const long = 'ü<&|'.repeat(80_000);
      const event = pageEvent({
        action,
        dedupKey: `weir/test/${action}/${'k'.repeat(400)}`,
        summary: long,
        source: long,
        component: long,
        group: long,
        class: long,
        owner: long,
        details: {
          long,
          list: Array.from({ length: 20_000 }, (_, index) => ({ index, long: long.slice(0, 500) })),
        },
        links: Array.from({ length: 500 }, () => ({
          href: `https://example.com/${'x'.repeat(3_000)}`,
          text: long,
        })),
        clientUrl: `https://example.com/${'x'.repeat(9_000)}`,
      });
      const told = await send(subject.create({}), event);
      expect(told).toMatchObject({ delivered: true });
      expect(told.dedupKey.length).toBeLessThanOrEqual(255);
      if (action === 'change') return;
      expect(await subject.incidents(told.dedupKey)).toMatchObject([{ status: 'triggered' }]);
      await send(subject.create({}), { ...event, action: 'resolve' });
      expect(await subject.incidents(told.dedupKey)).toMatchObject([{ status: 'resolved' }]);
    },
  );
}
