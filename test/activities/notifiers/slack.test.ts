import { expect, test } from 'vitest';
import { createSlack, toSlack } from '../../../activities/notifiers/slack.ts';
import { httpNotifierConformance } from './conformance.ts';
import { pageEvent } from './page-event.ts';
import { incidentsOf, startTestService, type Understood } from './test-service.ts';

const SECRET = 'T000/B000/s3cr3t-that-must-never-be-seen';

/** What a person understands of a message; and whether Slack would take it. */
function readMessage(body: string): Understood {
  const message: ReturnType<typeof toSlack> = JSON.parse(body);
  checkLimits(message);
  const heading = /^([A-Z ,]+) · /.exec(message.text)?.[1] ?? '';
  const action = heading.endsWith('UPDATE')
    ? 'update'
    : heading === 'RESOLVED'
      ? 'resolve'
      : heading === 'FOR YOUR INFORMATION'
        ? 'change'
        : 'trigger';
  const context = message.blocks.flatMap((block) => ('elements' in block ? block.elements : []));
  return { action, key: context[0]?.text.split(' · ')[1] ?? '' };
}

/** @see https://docs.slack.dev/reference/block-kit/blocks/section-block */
function checkLimits({ text, blocks }: ReturnType<typeof toSlack>): void {
  expect(text.length).toBeLessThanOrEqual(4_000);
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const block of blocks) {
    const texts = 'elements' in block ? block.elements.map((one) => one.text) : [block.text.text];
    for (const one of texts) {
      expect(one.length).toBeGreaterThan(0);
      expect(one.length).toBeLessThanOrEqual(3_000);
    }
  }
}

httpNotifierConformance(async () => {
  const service = await startTestService({
    taken: 'ok',
    refusal: 'invalid_payload',
    read: readMessage,
    path: `services/${SECRET}`,
  });
  const module = new URL('../../../activities/notifiers/slack.ts', import.meta.url).href;
  return {
    secrets: [SECRET],
    create: (changes) => createSlack({ url: service.url, ...changes }),
    // Port 9 is "discard": nobody listens there on a machine of today.
    createUnreachable: () => createSlack({ url: `http://127.0.0.1:9/${SECRET}` }),
    processSource: `import { createSlack } from ${JSON.stringify(module)};
      const notifier = createSlack(${JSON.stringify({ url: service.url, timeoutMs: 300 })});`,
    fail: async (failure) => service.plan(failure),
    mend: async () => service.plan(null),
    requests: async () => service.requests(),
    incidents: async (dedupKey) => incidentsOf(service.taken, dedupKey),
    changes: async () => service.taken.filter(({ action }) => action === 'change').length,
    stop: () => service.stop(),
  };
});

test('what looks like a mention or a link of Slack is plain text', () => {
  const message = toSlack(
    pageEvent({
      summary: '<!channel> & <https://evil.example|look>',
      links: [{ href: 'https://example.com/a?x=1&y=<b>|c', text: 'Run | <it>' }],
    }),
  );
  expect(message.text).toBe('CRITICAL · &lt;!channel&gt; &amp; &lt;https://evil.example|look&gt;');
  expect(JSON.stringify(message.blocks)).toContain(
    '<https://example.com/a?x=1&amp;y=%3Cb%3E%7Cc|Run / &lt;it&gt;>',
  );
});

test('refuses an address that is none without showing it', () => {
  const create = () => createSlack({ url: 'http://hooks.slack.com/services/secret' });
  expect(create).toThrow(/is no address to post to: write it as https/);
  expect(create).not.toThrow(/secret/);
});

test('what is to be pasted can be pasted, every decision of it', () => {
  const verdictId = 'b3f1c0de-0000-4000-8000-000000000001';
  const choices = ['reloadAndRetry', 'retryGate', 'overrideGate', 'quarantineAndContinue', 'abandon'].map(
    (update) => ({
      update,
      when: 'the source was mended and has delivered again',
      json: JSON.stringify({ verdictId, reason: `for ${update}`, by: 'YOUR NAME' }),
      command: `npm run weir -- gate reload ${verdictId} --reason "for ${update}"`,
    }),
  );
  const what = [{ expected: 'store_id present', observed: '1 of 24 rows', rows: { failed: 1 } }];
  const at = ['stg_transactions, 75 min', 'fct_daily_sales, 75 min'];
  const event = pageEvent({ details: { objectives_at_risk: at, what_broke: what, what_to_press: choices } });
  const text = toSlack(event)
    .blocks.flatMap((block) => ('elements' in block ? [] : [block.text.text]))
    .join('\n');
  for (const { json, command } of choices) {
    expect(text).toContain(`\n\`${json}\``);
    expect(text).toContain(`\n\`${command}\``);
  }
  expect(text).toContain('*what broke*: \n• store_id present · 1 of 24 rows · 1');
  expect(text).toContain('\n• stg_transactions, 75 min\n• fct_daily_sales, 75 min');
});
