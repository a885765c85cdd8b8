import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Delivery, Notifier, NotDelivered, PageEvent } from '../../../activities/notifiers/notifier.ts';
import { pageEvent } from './page-event.ts';
import type { HttpNotifierUnderTest, PlannedFailure } from './under-test.ts';

/** What every answer over HTTP means, for events of incidents and for changes alike. */
export function answersConformance(start: () => Promise<HttpNotifierUnderTest>): void {
  let subject: HttpNotifierUnderTest;
  beforeAll(async () => {
    subject = await start();
  });
  afterEach(() => subject.mend());
  afterAll(() => subject.stop());

  describe.each(['trigger', 'change'] as const)('to a %s', (action) => {
    eachAnswer(() => subject, pageEvent({ action }));
  });

  describe.each<PlannedFailure>([
    { mode: 'hang' },
    { mode: '429', times: 5 },
    { mode: '500' },
    { mode: 'cut' },
    { mode: 'html' },
  ])('after $mode', (failure) => {
    test('leaves nothing that keeps a process up, and writes no secret', async () => {
      await subject.fail(failure);
      const { stdout, stderr, code, lastedMs } = await sendInProcess(subject.processSource);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(lastedMs).toBeLessThan(1_500);
      for (const secret of subject.secrets) expect(stdout).not.toContain(secret);
      expect(JSON.parse(stdout)).toMatchObject({ delivery: { delivered: false, retry: true }, left: [] });
    });
  });
}

function eachAnswer(started: () => HttpNotifierUnderTest, event: PageEvent): void {
  const send = (notifier: Notifier): Promise<Delivery> =>
    notifier.send(event, { signal: new AbortController().signal });
  const refused = async (notifier: Notifier): Promise<NotDelivered> => {
    const delivery = await send(notifier);
    if (delivery.delivered) throw new Error('expected an event that is not delivered');
    for (const secret of started().secrets) expect(JSON.stringify(delivery)).not.toContain(secret);
    expect(delivery.reason).not.toBe('');
    return delivery;
  };
  const answers = async (failure: PlannedFailure, changes = {}): Promise<NotDelivered> => {
    await started().fail(failure);
    return refused(started().create(changes));
  };

  test.each([500, 502, 503, 504, 408, 401, 403, 404, 410, 302])(
    'asks for another attempt after %i',
    async (status) => {
      expect(await answers({ mode: '500', status })).toMatchObject({
        status,
        retry: true,
        retryAfterMs: null,
      });
    },
  );

  test.each([400, 413])('takes %i for final', async (status) => {
    expect(await answers({ mode: '500', status })).toMatchObject({
      status,
      retry: false,
      retryAfterMs: null,
    });
  });

  test('waits as long as 429 asks for, a few minutes where it does not say, and posts once an attempt', async () => {
    const before = await started().requests();
    const throttled = { status: 429, retry: true };
    expect(await answers({ mode: '429', retryAfter: 17, times: 1 })).toMatchObject({
      ...throttled,
      retryAfterMs: 17_000,
    });
    const date = new Date(Date.now() + 60_000).toUTCString();
    const dated = await answers({ mode: '429', retryAfter: date, times: 1 });
    expect(dated).toMatchObject(throttled);
    expect(dated.retryAfterMs).toBeGreaterThan(40_000);
    expect(dated.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(await answers({ mode: '429', times: 1 })).toMatchObject({ ...throttled, retryAfterMs: 180_000 });
    expect(await started().requests()).toBe(before + 3);
  });

  test('waits as long as a 503 asks for', async () => {
    expect(await answers({ mode: '500', status: 503, retryAfter: 30 })).toMatchObject({
      status: 503,
      retry: true,
      retryAfterMs: 30_000,
    });
  });

  test.each([200, 202, 400, 404, 502])('does not take HTML with status %i for an answer', async (status) => {
    expect(await answers({ mode: 'html', status })).toMatchObject({ status, retry: true });
  });

  test('ends an attempt that meets no answer when its time is up', async () => {
    const begun = performance.now();
    expect(await answers({ mode: 'hang' }, { timeoutMs: 300 })).toMatchObject({ status: null, retry: true });
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  test('takes a slow answer within its time', async () => {
    await started().fail({ mode: 'slow', delayMs: 200 });
    expect(await send(started().create({ timeoutMs: 5_000 }))).toMatchObject({ delivered: true });
  });

  test('asks for another attempt after a cut connection, and where nobody listens', async () => {
    expect(await answers({ mode: 'cut' })).toMatchObject({ status: null, retry: true });
    expect(await refused(started().createUnreachable())).toMatchObject({ status: null, retry: true });
  });

  test('ends at once when the attempt is cancelled', async () => {
    await started().fail({ mode: 'hang' });
    const cancel = new AbortController();
    const sending = started().create({ timeoutMs: 60_000 }).send(event, { signal: cancel.signal });
    cancel.abort();
    expect(await sending).toMatchObject({ delivered: false, retry: true });
  });
}

/** Sends in a process of its own, which has to end by itself; a process that dies with it would hide what is left. */
async function sendInProcess(processSource: string) {
  const source = `${processSource}
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
  return {
    code: code as unknown,
    stdout: await stdout,
    stderr: await stderr,
    lastedMs: performance.now() - printedAt,
  };
}
