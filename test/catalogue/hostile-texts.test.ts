import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { timeLineChart } from '../../catalogue/charts/time-line.ts';
import { drawGraph } from '../../catalogue/drawing/draw-graph.ts';
import { layOut } from '../../catalogue/drawing/lay-out.ts';
import { fileAddress } from '../../catalogue/file-address.ts';
import { markupOf } from '../../catalogue/html.ts';
import { runLink } from '../../catalogue/parts/run-link.ts';

/** What a name, a reason or an address could be, were nobody to look: pieces that mean something to a browser. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<a ',
        '<script>',
        '</title>',
        '</svg>',
        '"',
        "'",
        '>',
        '&amp;',
        ' onload="x" ',
        ' id="q"',
      ),
      fc.string({ maxLength: 4 }),
    ),
    { minLength: 1, maxLength: 6 },
  )
  // Nothing is drawn of a text of spaces.
  .map((pieces) => `x${pieces.join('')}`);

const AT = new Date('2026-11-22T08:00:00Z');
const EARLIER = new Date('2026-11-22T07:00:00Z');

/** Every element with the names of its attributes: what a text must not change. */
function skeleton(markup: string): readonly string[] {
  const { document } = parseHTML(`<html><body>${markup}</body></html>`);
  return [...document.querySelectorAll('*')].map(
    (one) => `${one.tagName} ${[...one.attributes].map(({ name }) => name).join()}`,
  );
}

function timeLine(text: string): string {
  const hold = { since: EARLIER, until: AT, title: text, href: text };
  const bar = { lane: text, state: 'failed', began: EARLIER, ended: AT, title: text, href: text } as const;
  return markupOf(timeLineChart({ from: EARLIER, to: AT, bars: [{ ...bar, holds: [hold] }] }, 350));
}

test('no text of a time line becomes an element or an attribute', () => {
  const plain = skeleton(timeLine('plain'));
  fc.assert(
    fc.property(hostile, (text) => {
      expect(skeleton(timeLine(text))).toEqual(plain);
    }),
    { numRuns: 60 },
  );
});

test('nor does one of the graph', async () => {
  const layout = await layOut({
    nodes: [{ name: 'm', column: 'silver', gates: ['input', 'output'] }],
    edges: [],
  });
  const drawn = (text: string): string =>
    markupOf(
      drawGraph(layout, {
        ...{ title: text, now: AT, here: 'm', href: () => text },
        look: () => ({
          ...{ state: 'held', since: EARLIER, why: text, waitingBehind: [text], ageSeconds: 1, waiting: 1 },
        }),
        gate: () => ({ outcome: 'fail', suite: text, href: text }),
      }),
    );
  const plain = skeleton(drawn('plain'));
  fc.assert(
    fc.property(hostile, (text) => {
      expect(skeleton(drawn(text))).toEqual(plain);
    }),
  );
});

const links = {
  temporalUi: 'http://127.0.0.1:8233',
  namespace: 'default',
  repositoryUrl: 'https://files.test/main',
};

test('what is linked is of the web: nothing that somebody wrote is run by a click', () => {
  const schemes = fc.constantFrom(
    'javascript:',
    'JavaScript:',
    'data:text/html,',
    '//elsewhere.test/',
    'vbscript:',
    '',
  );
  fc.assert(
    fc.property(schemes, hostile, (scheme, text) => {
      expect(fileAddress(links, `${scheme}${text}`)).toMatch(/^https:\/\/files\.test\/main\//);
      expect(fileAddress({ repositoryUrl: null }, `${scheme}${text}`)).toBeNull();
      expect(markupOf(runLink({ links }, { workflowId: `${scheme}${text}`, runId: text }))).toMatch(
        /^<a href="http:\/\/127\.0\.0\.1:8233\/[^"<>]*">[^<>]*<\/a>$/,
      );
    }),
  );
  expect(fileAddress(links, 'http://wiki.test/runbook')).toBe('http://wiki.test/runbook');
});

test('a run is called by its id, without what somebody typed into it', () => {
  const run = { workflowId: 'rerun-for-jane.doe@example.com', runId: '' };
  expect(markupOf(runLink({ links: { ...links, temporalUi: null } }, run))).not.toContain('jane.doe');
  expect(markupOf(runLink({ links }, run))).not.toContain('jane.doe@');
  expect(markupOf(runLink({ links }, { ...run, workflowId: 'hourly' }))).toBe(
    '<a href="http://127.0.0.1:8233/namespaces/default/workflows/hourly">hourly</a>',
  );
});
