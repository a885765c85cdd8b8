import { expect, test } from 'vitest';
import { strip, stripSummary } from '../../../catalogue/charts/strip.ts';
import type { StripMoment } from '../../../catalogue/charts/strip.ts';
import { markupOf } from '../../../catalogue/html.ts';
import type { PromiseOutcome } from '../../../catalogue/read/promise-history.ts';

const now = new Date('2026-11-22T12:00:00Z');

/** One an hour, the last an hour ago: `h` held, `b` broken, `e` errored. */
function moments(text: string): readonly StripMoment[] {
  const outcomes: Readonly<Record<string, PromiseOutcome>> = { h: 'held', b: 'broken', e: 'errored' };
  return Array.from(text, (letter, index) => ({
    at: new Date(now.getTime() - (text.length - index) * 3_600_000),
    outcome: outcomes[letter] ?? 'held',
    verdictId: `v${index}`,
    unexpected: letter === 'b' ? 12 : 0,
    elements: 1000,
  }));
}

test.each([
  ['', 'not asked yet'],
  ['h', 'held once, last asked 1 h ago'],
  ['hhh', 'held in all of the last 3, last asked 1 h ago'],
  ['hhbhbh', 'held in 4 of the last 6, broken 2 h ago'],
  ['hhehh', 'held in 4 of the last 5, could not be checked 3 h ago'],
  ['hhb', 'broken 1 h ago; held in 2 of the last 3'],
  ['hhbbb', 'broken since 09:00 UTC; held in 2 of the last 5'],
  ['e', 'could not be checked 1 h ago; held in 0 of the last 1'],
])('%s is %s', (text, words) => {
  expect(stripSummary(moments(text), now).replaceAll(' 0 min', '')).toBe(words);
});

test('each is a link to its gate run; by keyboard one comes to those that did not hold', () => {
  const markup = markupOf(strip(moments('hhbhe'), { now, href: (id) => `../gates/${id}.html` }));
  expect(markup.match(/<a /g)).toHaveLength(5);
  expect(markup.match(/tabindex="-1"/g)).toHaveLength(3);
  expect(markup).toMatch(
    /<a class="broke" href="..\/gates\/v2.html">\s*<title\s*>broken 09:00 UTC, 12 rows of/,
  );
  expect(new Set([...markup.matchAll(/ d="M[\d.]+ ([^"]*)"/g)].map(([, shape]) => shape)).size).toBe(3);
});

test('at most sixty, the newest at the right edge, and no wider than it has evaluations; what has no page is no link', () => {
  const href = (id: string): string | null => (id === 'v99' ? 'here.html' : null);
  const markup = markupOf(strip(moments('h'.repeat(100)), { now, href }));
  expect(markup.match(/<path/g), 'what leads nowhere is one path').toHaveLength(2);
  expect(markup.match(/M[\d.]+ 12h4v8h-4z/g)).toHaveLength(60);
  expect(markup.match(/<a /g)).toHaveLength(1);
  expect(markup).toContain('held in all of the last 60');
  expect(markup).toContain('M355 ');
  const one = markupOf(strip(moments('h'), { now, href }));
  expect(one).toContain('M1 12h4v8h-4z');
  expect(one).toContain('viewBox="0 0 6 20"');
});
