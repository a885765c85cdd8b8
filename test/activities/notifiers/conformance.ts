import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Delivery, Notifier, NotDelivered } from '../../../activities/notifiers/notifier.ts';
import { pageEvent } from './page-event.ts';

/** How the service can be told to answer. */
export interface PlannedFailure {
  readonly mode: '429' | '500' | 'slow' | 'hang' | 'cut' | 'html';
  readonly times?: number;
  readonly status?: number;
  readonly retryAfter?: number;
  readonly delayMs?: number;
}

/** A notifier and the service that it tells, both of one test file. */
export interface NotifierUnderTest {
  create(changes: { readonly timeoutMs?: number }): Notifier;
  /** The same at an address where nobody listens. */
  createUnreachable(): Notifier;
  /** What must appear in no answer, error or log. */
  readonly secret: string;
  /** ESM source of a process that makes `notifier`, a notifier with a time-out of 300 ms. */
  readonly processSource: string;
  fail(failure: PlannedFailure): Promise<void>;
  mend(): Promise<void>;
  /** Requests to the service so far, answered or not. */
  requests(): Promise<number>;
  /** Incidents of a key, oldest first. */
  incidents(dedupKey: string): Promise<readonly { readonly status: string; readonly entries: number }[]>;
  stop(): Promise<void>;
}

/** What every notifier must do: a new one is held to it by three lines in its own test file. */
export function notifierConformance(start: () => Promise<NotifierUnderTest>): void {
  let subject: NotifierUnderTest;
  beforeAll(async () => {
    subject = await start();
  });
  afterEach(() => subject.mend());
  afterAll(() => subject.stop());

  const send = (notifier: Notifier, event = pageEvent()): Promise<Delivery> =>
    notifier.send(event, { signal: new AbortController().signal });
  const refused = async (notifier: Notifier, event = pageEvent()): Promise<NotDelivered> => {
    const delivery = await send(notifier, event);
    if (delivery.delivered) throw new Error('expected an event that is not delivered');
    expect(delivery.reason).not.toContain(subject.secret);
    expect(delivery.reason).not.toBe('');
    return delivery;
  };

  test('opens with a trigger, adds with another, closes with a resolve of the same key', async () => {
    const notifier = subject.create({});
    const event = pageEvent({ dedupKey: 'weir/test/one-life' });
    const delivered = { delivered: true, dedupKey: event.dedupKey };
    expect(await send(notifier, event)).toMatchObject(delivered);
    expect(await send(notifier, event)).toMatchObject(delivered);
    expect(await subject.incidents(event.dedupKey)).toMatchObject([{ status: 'triggered', entries: 2 }]);
    expect(await send(notifier, pageEvent({ ...event, action: 'resolve' }))).toMatchObject(delivered);
    expect(await subject.incidents(event.dedupKey)).toMatchObject([{ status: 'resolved', entries: 3 }]);
  });

  test('takes a resolve where nothing is open', async () => {
    expect(
      await send(subject.create({}), pageEvent({ action: 'resolve', dedupKey: 'never-opened' })),
    ).toMatchObject({
      delivered: true,
    });
    expect(await subject.incidents('never-opened')).toEqual([]);
  });

  test.each([500, 502, 503, 504, 408, 403, 302])('asks for another attempt after %i', async (status) => {
    await subject.fail({ mode: '500', status });
    expect(await refused(subject.create({}))).toMatchObject({ status, retry: true });
  });

  test('waits as long as 429 asks for, a few minutes where it does not say, and posts once an attempt', async () => {
    const before = await subject.requests();
    await subject.fail({ mode: '429', retryAfter: 17, times: 1 });
    expect(await refused(subject.create({}))).toMatchObject({
      status: 429,
      retry: true,
      retryAfterMs: 17_000,
    });
    await subject.fail({ mode: '429', times: 1 });
    expect(await refused(subject.create({}))).toMatchObject({
      status: 429,
      retry: true,
      retryAfterMs: 180_000,
    });
    expect(await subject.requests()).toBe(before + 2);
  });

  test.each([200, 202, 404, 502])('does not take HTML with status %i for an answer', async (status) => {
    await subject.fail({ mode: 'html', status });
    expect(await refused(subject.create({}))).toMatchObject({ status, retry: true });
  });

  test('ends an attempt that meets no answer when its time is up', async () => {
    await subject.fail({ mode: 'hang' });
    const begun = performance.now();
    expect(await refused(subject.create({ timeoutMs: 300 }))).toMatchObject({ status: null, retry: true });
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  test('takes a slow answer within its time', async () => {
    await subject.fail({ mode: 'slow', delayMs: 200 });
    expect(await send(subject.create({ timeoutMs: 5_000 }))).toMatchObject({ delivered: true });
  });

  test('asks for another attempt after a cut connection, and where nobody listens', async () => {
    await subject.fail({ mode: 'cut' });
    expect(await refused(subject.create({}))).toMatchObject({ status: null, retry: true });
    expect(await refused(subject.createUnreachable())).toMatchObject({ status: null, retry: true });
  });

  test('ends at once when the attempt is cancelled', async () => {
    await subject.fail({ mode: 'hang' });
    const cancel = new AbortController();
    const sending = subject.create({ timeoutMs: 60_000 }).send(pageEvent(), { signal: cancel.signal });
    cancel.abort();
    expect(await sending).toMatchObject({ delivered: false, retry: true });
  });

  test('sends an event that is far too large, cut, rather than not at all', async () => {
    const long = 'ü'.repeat(300_000);
    const event = pageEvent({
      dedupKey: `weir/test/${'k'.repeat(400)}`,
      summary: long,
      details: {
        long,
        list: Array.from({ length: 20_000 }, (_, index) => ({ index, long: long.slice(0, 500) })),
      },
      links: Array.from({ length: 500 }, () => ({
        href: `https://example.com/${'x'.repeat(3_000)}`,
        text: long,
      })),
    });
    const trigger = await send(subject.create({}), event);
    expect(trigger).toMatchObject({ delivered: true });
    expect(await subject.incidents(trigger.dedupKey)).toMatchObject([{ status: 'triggered' }]);
    await send(subject.create({}), { ...event, action: 'resolve' });
    expect(await subject.incidents(trigger.dedupKey)).toMatchObject([{ status: 'resolved' }]);
  });

  describe.each<PlannedFailure>([
    { mode: 'hang' },
    { mode: '429', times: 5 },
    { mode: '500' },
    { mode: 'cut' },
    { mode: 'html' },
  ])('after $mode', (failure) => {
    test('leaves nothing that keeps a process up', async () => {
      await subject.fail(failure);
      const source = `${subject.processSource}
        const event = ${JSON.stringify(pageEvent())};
        const delivery = await notifier.send(event, { signal: new AbortController().signal });
        console.log(JSON.stringify({ delivery, left: process.getActiveResourcesInfo().filter((name) => name === 'Timeout') }));`;
      const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { timeout: 8_000 });
      const stderr = text(child.stderr);
      let printedAt = 0;
      child.stdout.once('data', () => {
        printedAt = performance.now();
      });
      const stdout = text(child.stdout);
      const [code] = await once(child, 'exit');
      expect({ code, stderr: await stderr }).toEqual({ code: 0, stderr: '' });
      expect(performance.now() - printedAt).toBeLessThan(1_500);
      expect(JSON.parse(await stdout)).toMatchObject({
        delivery: { delivered: false, retry: true },
        left: [],
      });
    });
  });
}
