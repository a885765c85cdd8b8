import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sql } from 'kysely';
import { handOver } from '../../../activities/page/hand-over.ts';
import { pageEvent } from '../notifiers/page-event.ts';
import { until } from '../../poll.ts';
import type { AlarmPage } from '../../../activities/page.ts';
import { heldPage, modelName, MODELS, openStorms, passedPage, type Storms } from './storms.ts';

let storms: Storms;
beforeAll(async () => {
  storms = await openStorms();
});
afterAll(() => storms.close());
beforeEach(async () => {
  await sql`truncate control.incident cascade`.execute(storms.database.admin);
});

const NAMES = Array.from({ length: MODELS }, (_, index) => modelName(index));

function keyOf(model: string): string {
  return `weir/${storms.deps.environment}/${model}/${model}`;
}

async function rows() {
  return await storms.database.admin
    .selectFrom('control.incident')
    .select(['dedup_key', 'state', 'member_of', 'shares', 'good_at', 'failures', 'opening'])
    .orderBy('dedup_key')
    .execute();
}

/** What the service took since `from`, of triggers each key once: later ones are updates. */
async function triggered(from: number): Promise<readonly string[]> {
  const taken = (await storms.pager.taken()).slice(from);
  return [...new Set(taken.filter((one) => one.startsWith('trigger ')))];
}

function statusOf(dedupKey: string, status: string) {
  return until(
    async () => {
      // The last of the key: tests share their models, and with them the keys.
      const last = (await storms.pager.incidents(dedupKey)).at(-1);
      return last?.status === status ? last : undefined;
    },
    { what: `${dedupKey} is ${status}`, timeoutMs: 60_000 },
  );
}

async function textOf(dedupKey: string): Promise<string> {
  return JSON.stringify((await storms.pager.incidents(dedupKey)).at(-1));
}

test('40 gates that fail at once from one source are one incident, which resolves with the last of them', async () => {
  const from = (await storms.pager.taken()).length;
  const keys = await Promise.all(NAMES.map((name) => storms.page(heldPage(name))));
  const head = keys[0] ?? '';
  expect(new Set(keys)).toEqual(new Set([head]));
  expect((await rows()).filter(({ member_of }) => member_of === head)).toHaveLength(MODELS - 1);
  expect((await rows()).every(({ shares, member_of }) => member_of === null || shares === 'raw_things')).toBe(
    true,
  );
  await until(
    async () => (await textOf(head)).includes('"STORM below raw_things: 40 of 40 promises broken'),
    {
      what: 'the page names the relation and counts its members',
      timeoutMs: 60_000,
    },
  );

  // Whoever opened it is good first: the incident stays for the others.
  const first = head.split('/').at(-1) ?? '';
  const others = NAMES.filter((name) => name !== first);
  expect(await storms.page(passedPage(first))).toBe(head);
  await until(async () => (await textOf(head)).includes('is good again; others are not'), {
    what: 'it says which one is good again',
    timeoutMs: 60_000,
  });
  expect((await rows()).find(({ dedup_key }) => dedup_key === head)).toMatchObject({ state: 'open' });
  await Promise.all(others.map((name) => storms.page(passedPage(name))));
  const resolved = await statusOf(head, 'resolved');
  expect(JSON.stringify(resolved)).toContain(`all 40 promises that broke with ${first} hold again`);
  expect((await rows()).every(({ state }) => state === 'resolved')).toBe(true);
  expect(await triggered(from)).toEqual([`trigger ${head}`]);
  expect((await storms.pager.taken()).slice(from).filter((one) => one.startsWith('resolve'))).toEqual([
    `resolve ${head}`,
  ]);
});

test('a member that fails again after it was good is a member again, and holds the incident open', async () => {
  const [one = '', two = '', three = ''] = NAMES;
  for (const name of [one, two, three]) await storms.page(heldPage(name));
  await storms.page(passedPage(two));
  await storms.page(passedPage(one));
  await sql`update control.incident set opened_at = opened_at - interval '1 hour'`.execute(
    storms.database.admin,
  );
  expect(await storms.page(heldPage(two))).toBe(keyOf(one));
  expect(await storms.page(heldPage(one))).toBe(keyOf(one));
  await until(async () => (await textOf(keyOf(one))).includes(`${one} was good, and is broken again`), {
    what: 'it says that its own promise broke again',
    timeoutMs: 60_000,
  });
  for (const name of [one, three]) await storms.page(passedPage(name));
  expect((await rows()).find(({ dedup_key }) => dedup_key === keyOf(one))).toMatchObject({ state: 'open' });
  expect(await storms.page(passedPage(two))).toBe(keyOf(one));
  await statusOf(keyOf(one), 'resolved');
  expect((await rows()).every(({ state }) => state === 'resolved')).toBe(true);
});

test('a page that was handed over by an attempt that was cut off stays its own incident, and resolves', async () => {
  const [one = '', two = ''] = NAMES;
  const cut = heldPage(two);
  const { verdictId } = cut.verdict;
  const told = pageEvent({ action: 'trigger', eventId: `${verdictId}/held/1`, dedupKey: keyOf(two) });
  await handOver(storms.deps, told);
  await storms.page(heldPage(one));
  expect(await storms.page(cut)).toBe(keyOf(two));
  await storms.page(passedPage(two));
  const { log_entries } = await statusOf(keyOf(two), 'resolved');
  expect(log_entries.map(({ type }) => type)).toEqual(['trigger', 'resolve']);
  expect(await storms.page(passedPage(one))).toBe(keyOf(one));
});

test('what fails five minutes later pages by itself', async () => {
  const [one = '', two = '', three = ''] = NAMES;
  await storms.page(heldPage(one));
  await sql`update control.incident set opened_at = opened_at - interval '5 minutes'`.execute(
    storms.database.admin,
  );
  expect(await storms.page(heldPage(two))).toBe(keyOf(two));
  expect(await storms.page(heldPage(three))).toBe(keyOf(two));
  for (const name of [one, two, three]) await storms.page(passedPage(name));
  await statusOf(keyOf(one), 'resolved');
  await statusOf(keyOf(two), 'resolved');
});

test(
  'while members come and go at once, none is lost and the incident ends with the last',
  { timeout: 120_000 },
  async () => {
    const from = (await storms.pager.taken()).length;
    await Promise.all(
      NAMES.slice(0, 16).map(async (name, index) => {
        for (let round = 0; round < 3; round++) {
          await storms.page(heldPage(name));
          if (index % 2 === 0 || round === 2) await storms.page(passedPage(name));
        }
      }),
    );
    const left = await rows();
    expect(left.filter(({ state }) => state === 'open')).toEqual([]);
    await until(async () => (await storms.pager.incidents()).every(({ status }) => status === 'resolved'), {
      what: 'all are resolved',
      timeoutMs: 60_000,
    });
    const taken = (await storms.pager.taken()).slice(from);
    expect(taken.some((one) => one.startsWith('resolve'))).toBe(true);
  },
);

test('an alarm with a cause is added to the open incident that explains it, and to none where that is closed', async () => {
  const [one = ''] = NAMES;
  const alarm: AlarmPage = {
    ...{ kind: 'alarm', state: 'raised', alarm: 'freshness', subject: 'far_away', occasion: 'o-1' },
    ...{ severity: 'critical', summary: 'far_away is 90 minutes old', details: {}, owner: null, tier: null },
    ...{ runbook: 'docs/runbooks/freshness.md', run: null, relation: 'far_away', because: keyOf(one) },
  };
  await storms.page(heldPage(one));
  await sql`update control.incident set opened_at = opened_at - interval '1 day'`.execute(
    storms.database.admin,
  );
  expect(await storms.page(alarm)).toBe(keyOf(one));
  expect(await storms.page({ ...alarm, state: 'cleared' })).toBe(keyOf(one));
  expect(await storms.page(passedPage(one))).toBe(keyOf(one));
  await statusOf(keyOf(one), 'resolved');
  const own = `weir/${storms.deps.environment}/far_away/freshness`;
  expect(await storms.page({ ...alarm, occasion: 'o-2' })).toBe(own);
  expect(await storms.page({ ...alarm, state: 'cleared' })).toBe(own);
  await statusOf(own, 'resolved');
});
