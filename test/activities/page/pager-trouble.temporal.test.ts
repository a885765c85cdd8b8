import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createPage, type GateFailedPage } from '../../../activities/page.ts';
import { until } from '../../poll.ts';
import { requestStandIn } from '../../infra/pagerduty/request.ts';
import { heldPage, openStorms, passedPage, type Storms } from './storms.ts';

let storms: Storms;
beforeAll(async () => {
  storms = await openStorms();
});
afterEach(() => storms.pager.mend());
afterAll(() => storms.close());

/** Models of no file: they share nothing, so each pages by itself. */
const NAMES = Array.from({ length: 40 }, (_, index) => `alone_${index}`);

function keyOf(model: string): string {
  return `weir/${storms.deps.environment}/${model}/${model}`;
}

/** Something critical that holds nothing: what comes again leaves nothing else to press. */
function failedPage(model: string): GateFailedPage {
  const { verdict, model: about, run } = heldPage(model, { loadId: 1, verdictId: randomUUID() });
  return { kind: 'gateFailed', verdict, model: about, run: { ...run, runId: randomUUID() }, quarantined: 0 };
}

async function takenFrom(from: number): Promise<readonly string[]> {
  return (await storms.pager.taken()).slice(from);
}

test(
  '500 failures of 40 promises, with a pager that fails 30 % of calls, are 40 triggers and 40 resolves',
  { timeout: 240_000 },
  async () => {
    const from = (await storms.pager.taken()).length;
    await storms.pager.fail({ mode: '500', share: 0.3, seed: 20_170_102 });
    const failures = Array.from({ length: 500 }, (_, index) => NAMES[index % NAMES.length] ?? '');
    await Promise.all(
      NAMES.map(async (name) => {
        for (const [index] of failures.filter((one) => one === name).entries()) {
          const page = failedPage(name);
          await storms.page(page);
          // An answer that was lost: the activity is tried again.
          if (index % 4 === 1) await storms.page(page);
        }
      }),
    );
    const { total } = await storms.database.admin
      .selectFrom('control.incident')
      .select((select) => select.fn.sum<string>('failures').as('total'))
      .where('model', 'in', NAMES)
      .executeTakeFirstOrThrow();
    expect(Number(total)).toBe(500);
    await Promise.all(NAMES.map((name) => storms.page(passedPage(name))));
    const expected = NAMES.flatMap((name) => [`trigger ${keyOf(name)}`, `resolve ${keyOf(name)}`]).toSorted();
    await until(async () => (await takenFrom(from)).length >= expected.length, {
      what: 'all is taken',
      timeoutMs: 120_000,
    });
    await Promise.all(
      NAMES.map((name) => storms.deps.client.workflow.getHandle(`incident/${keyOf(name)}`).result()),
    );
    expect((await takenFrom(from)).toSorted()).toEqual(expected);
    const incidents = await storms.pager.incidents();
    expect(incidents.map(({ status }) => status)).toEqual(NAMES.map(() => 'resolved'));
  },
);

/** A day, at one second for fifteen minutes, and the attempts for which the pager is away: three to six seconds, an hour. */
const DAY_MS = 96_000;
const ATTEMPTS = 7;

/** How often each model's event was refused. */
async function refusals(): Promise<ReadonlyMap<string, number>> {
  const { body } = await requestStandIn<{
    requests: { status: number | null; dedup_key: string }[];
  }>(storms.pager.standIn, 'GET', '/api/requests');
  const refused = new Map<string, number>();
  for (const { status, dedup_key: key } of body.requests)
    if (status === 500) refused.set(key, (refused.get(key) ?? 0) + 1);
  return refused;
}

test(
  'a pager that is away for an hour loses nothing and gets all of it in order',
  { timeout: 120_000 },
  async () => {
    const from = (await storms.pager.taken()).length;
    const { page } = createPage({ ...storms.deps, retry: { retryForMs: DAY_MS, firstRetryMs: 100 } });
    await storms.pager.fail({ mode: '500', share: 1 });
    const [one, two, three] = ['away_1', 'away_2', 'away_3'] as const;
    for (const name of [one, two, three]) await page(heldPage(name));
    await page(heldPage(two));
    await page(passedPage(one));
    await page(heldPage(one));
    await page(passedPage(one));
    await page(passedPage(two));
    const isAnHour = async (): Promise<boolean> => {
      const refused = await refusals();
      return [one, two, three].every((name) => (refused.get(keyOf(name)) ?? 0) >= ATTEMPTS);
    };
    await until(isAnHour, {
      what: 'an hour is over',
      timeoutMs: 60_000,
    });
    expect(await takenFrom(from)).toEqual([]);
    await storms.pager.mend();
    const of = async (name: string) => (await takenFrom(from)).filter((taken) => taken.endsWith(keyOf(name)));
    const count = async () => (await takenFrom(from)).length;
    await until(async () => (await count()) >= 8, { what: 'all is taken', timeoutMs: 60_000 });
    await storms.deps.client.workflow.getHandle(`incident/${keyOf(one)}`).result();
    const opened = (name: string) => `trigger ${keyOf(name)}`;
    const closed = (name: string) => `resolve ${keyOf(name)}`;
    expect(await of(one)).toEqual([opened(one), closed(one), opened(one), closed(one)]);
    // The second is an update, which the service takes as another trigger of its open incident.
    expect(await of(two)).toEqual([opened(two), opened(two), closed(two)]);
    expect(await of(three)).toEqual([opened(three)]);
  },
);
