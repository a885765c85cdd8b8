import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../../infra/pagerduty/frame.ts';
import { apply, type Incident, type Incidents, type Received } from '../../../infra/pagerduty/incidents.ts';
import { renderIncident, renderIndex } from '../../../infra/pagerduty/pages.ts';
import { agoText } from '../../../infra/pagerduty/times.ts';

const OPENED = Date.parse('2026-11-22T03:00:00Z');
const MINUTE = 60_000;

type Sent = Extract<Received, { kind: 'alert' }>;

function event(
  action: Sent['action'],
  minutes: number,
  customDetails: unknown = null,
  summary: string = action,
): Sent {
  return {
    kind: 'alert',
    at: new Date(OPENED + minutes * MINUTE).toISOString(),
    integration: 'integration-1',
    action,
    dedupKey: 'a',
    content: {
      ...{ summary, severity: 'critical', source: 's', component: null, group: null, class: null },
      ...{ timestamp: null, customDetails, images: [], client: null, clientUrl: null },
      links: [{ href: `https://example.com/run-of-${summary}`, text: 'Run' }],
    },
  };
}

function stateOf(...events: readonly Received[]): Incidents & { readonly first: Incident } {
  const state: Incidents = { incidents: [], changes: [] };
  for (const one of events) apply(state, one);
  const [first] = state.incidents;
  if (!first) throw new Error('no incident came of it');
  return { ...state, first };
}

/** A page of one incident as it is some minutes after it opened. */
function pageOf(minutes: number, ...events: readonly Received[]): string {
  const { first, changes } = stateOf(...events);
  return renderIncident(first, changes, OPENED + minutes * MINUTE);
}

describe('the page of an incident', () => {
  test('tells in the order of the event, each time with how long ago it was', () => {
    const page = pageOf(
      5,
      event('trigger', 0, {
        zebra: 'first',
        since: '2026-11-22T02:50:00.000Z',
        ends: 'at 2026-11-22T15:05:00Z: it fails',
        table: [{ promise: 'unique', rows: '2 of 24' }],
        afterwards: ['one', 'two'],
      }),
    );
    const places = ['Zebra', 'since', 'ends', 'table', '2 of 24', 'afterwards'].map((word) =>
      page.toLowerCase().indexOf(word.toLowerCase(), page.indexOf('class="actions"')),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(page).toContain('2026-11-22 02:50 UTC</time> <span class="ago">(15 minutes ago)');
    expect(page).toContain('(in 12 hours)</span>: it fails');
    expect(page).toContain('one, two');
  });

  test('has a button to copy each JSON and command, and nothing else of text as code', () => {
    const choices = [
      { update: 'reload', when: 'it was mended', json: '{"a":1}', command: 'npm run weir -- gate reload 1' },
    ];
    const page = pageOf(
      1,
      event('trigger', 0, { what_to_press: choices, note: 'node is a word here:\nand goes on' }),
    );
    const codes = [...page.matchAll(/<code>(.*?)<\/code><button type="button" class="copy">/gs)].map(
      ([, code]) => code,
    );
    expect(codes).toEqual(['{&quot;a&quot;:1}', 'npm run weir -- gate reload 1']);
  });

  test('shows the newest event and its link, and the ones before in the log', () => {
    const page = pageOf(
      9,
      event('trigger', 0, { verdict: 'old one' }, 'first'),
      event('acknowledge', 1),
      event('trigger', 2, { verdict: 'new one' }, 'second'),
    );
    const [top = '', log = ''] = page.split('<h2>Log</h2>');
    expect(top).toMatch(/<h1>first<\/h1>.*Updated 7 minutes ago<\/b> second/s);
    expect(top).toContain('new one');
    expect(top).toContain('run-of-second');
    expect(top).not.toContain('old one');
    expect(top, 'what was acknowledged stays so').toMatch(/tag state">acknowledged/);
    expect(top).not.toContain('/acknowledge"');
    expect(log).toContain('old one');
    const words = [...log.matchAll(/<li><strong>(\w+)</g)].map(([, word]) => word);
    expect(words).toEqual(['triggered', 'acknowledged', 'updated']);
  });

  test('says at its top how it was resolved', () => {
    const page = pageOf(9, event('trigger', 0), event('resolve', 4, null, 'goes on: override by Ada'));
    expect(page).toMatch(/Resolved 5 minutes ago<\/b> goes on: override by Ada/);
    expect(page).toContain('resolved after 4 minutes');
  });

  test('can be acknowledged while nobody has', () => {
    expect(pageOf(1, event('trigger', 0))).toContain('method="post" action="/incidents/Q000001/acknowledge"');
  });

  test('has the changes of the day before, and the list has all', () => {
    const change = (minutes: number, summary: string): Received => {
      const { content, at, integration } = event('trigger', minutes, null, summary);
      return { kind: 'change', at, integration, content: content ?? expect.fail() };
    };
    const events = [change(-5 * 24 * 60, 'long ago'), change(-60, 'a suite changed'), event('trigger', 0)];
    const page = pageOf(1, ...events);
    expect(page).toContain('a suite changed');
    expect(page).not.toContain('long ago');
    expect(renderIndex(stateOf(...events), OPENED)).toContain('long ago');
  });

  test('has its times on the list as on its page, but no link within a link', () => {
    const summary = 'decide <soon> by 2026-11-22T15:05Z: https://example.com/why, not 2026-99-99T99:99Z';
    const list = renderIndex(stateOf(event('trigger', 0, null, summary)), OPENED);
    expect(list).toContain(
      '<strong>decide &lt;soon&gt; by 2026-11-22 15:05 UTC: https://example.com/why, not 2026-99-99T99:99Z</strong>',
    );
  });
});

test('only the style and the script of a page are allowed in it', () => {
  const page = pageOf(1, event('trigger', 0));
  for (const tag of ['style', 'script']) {
    const texts = [...page.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(
      ([, text]) => text ?? '',
    );
    expect(texts).toHaveLength(1);
    const hash = createHash('sha256')
      .update(texts[0] ?? '')
      .digest('base64');
    expect(CONTENT_SECURITY_POLICY).toContain(`${tag}-src 'sha256-${hash}'`);
  }
  expect(CONTENT_SECURITY_POLICY).toContain("default-src 'none'");
  expect(CONTENT_SECURITY_POLICY).not.toContain('unsafe');
});

test('whatever an event carries, no tag of it reaches the page', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, name) => {
      const evil = {
        [`<img ${name}>`]: value,
        text: `<img src=${name}>`,
        list: [{ [name]: '<img>' }, value],
      };
      expect(pageOf(1, event('trigger', 0, evil))).not.toContain('<img');
    }),
    { numRuns: 200 },
  );
});

test.each([
  [0, 'now'],
  [54_000, '54 seconds ago'],
  [89 * MINUTE, '89 minutes ago'],
  [26 * 60 * MINUTE, '26 hours ago'],
  [3 * 24 * 60 * MINUTE, '3 days ago'],
  [-11.6 * 60 * MINUTE, 'in 12 hours'],
])('%i ms are %s', (ms, text) => {
  expect(agoText(OPENED - ms, OPENED)).toBe(text);
});
