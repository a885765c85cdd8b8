import { expect, test } from 'vitest';
import { markupOf } from '../../catalogue/html.ts';
import { momentText, numberText, shareText } from '../../catalogue/parts/texts.ts';
import { markWord } from '../../catalogue/parts/marks.ts';
import { ifBroken, onFailureWords } from '../../catalogue/parts/on-failure.ts';
import { mistakesIn } from './mistakes-in.ts';
import { sampleDocument } from './sample-page.ts';

test('a page of every part is without a mistake', async () => {
  expect(await mistakesIn(sampleDocument())).toEqual([]);
});

test('what is wrong is found', async () => {
  expect(await mistakesIn('<!doctype html><html lang="en"><p>')).not.toEqual([]);
});

test('the navigation is in the order of the site, and says where one is', () => {
  const page = sampleDocument();
  expect(
    [...page.matchAll(/aria-current="(\w+)"[^>]*>\s*(\w+)/g)].map(([, current, name]) => [current, name]),
  ).toEqual([['true', 'Models']]);
  expect(page.match(/(?<=href=")[^"#]+\.html(?=")/g)).toEqual([
    '../index.html',
    '../graph/index.html',
    '../models/index.html',
    '../suites/index.html',
    '../gates/index.html',
  ]);
});

test.each([
  [0, '0 %'],
  [0.000_001, '< 0.01 %'],
  [0.5, '50 %'],
  [0.998_7, '99.87 %'],
  [0.999_999, '> 99.99 %'],
  [1, '100 %'],
])('a share of %d is %s: never all of what is not whole', (share, text) => {
  expect(shareText(share)).toBe(text);
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1\u202f000'],
  [1_234_567.891, '1\u202f234\u202f567.89'],
  [-12_345, '-12\u202f345'],
  [0.001_234_5, '0.00123'],
  [1e21, '1e+21'],
])('the number %d is %s', (number, text) => {
  expect(numberText(number)).toBe(text);
});

test.each([
  ['2026-11-22T07:26:42Z', '07:26 UTC, 3 min ago'],
  ['2026-11-22T07:29:02Z', '07:29 UTC, 40 s ago'],
  ['2026-11-22T07:29:42Z', '07:29 UTC, now'],
  ['2026-11-22T10:29:42Z', '10:29 UTC, in 3 h'],
  ['2026-11-22T19:28:55Z', '19:28 UTC, in 11 h 59 min'],
  ['2027-02-20T07:28:00Z', '20 Feb 2027 07:28 UTC, in 90 d'],
  ['2026-11-21T23:59:59Z', '21 Nov 23:59 UTC, 7 h ago'],
  ['2025-11-22T07:29:42Z', '22 Nov 2025 07:29 UTC, 365 d ago'],
])('%s is %s', (at, text) => {
  const moment = markupOf(momentText(new Date(at), new Date('2026-11-22T07:29:42Z')));
  expect(moment.replaceAll(/<\/?span[^>]*>/g, '').replaceAll(/\s+>/g, '>')).toContain(`>${text}</time>`);
  expect(moment).toContain(`title="${at.slice(0, 19).replace('T', ' ')} UTC"`);
});

test('a state is said in words as well as in colour', () => {
  expect(markWord('never')).toBe('never run');
});

test.each([
  ['hold', null, 'the batch waits, unseen'],
  // What could not be evaluated has no rows to set aside: it holds, whatever share was allowed.
  ['hold', 0.01, 'the batch waits, unseen'],
  ['quarantine', 0.01, 'bad rows are set aside, up to 1 % of a batch'],
  ['quarantine', null, 'bad rows are set aside'],
  ['continue', null, 'the data goes on'],
] as const)('what happens on failure: %s, with a share of %s', (onFailure, quarantineShare, words) => {
  expect(onFailureWords({ onFailure, quarantineShare })).toBe(words);
  expect(markupOf(ifBroken('warning', { onFailure, quarantineShare }))).toBe(
    `<p class="failing"><b>warning</b>: is told, wakes nobody; ${words}</p>`,
  );
});
