import { frame } from '../../catalogue/frame.ts';
import { html, trusted } from '../../catalogue/html.ts';
import { command } from '../../catalogue/parts/command.ts';
import { factList } from '../../catalogue/parts/fact-list.ts';
import { figure } from '../../catalogue/parts/figure.ts';
import { markShape, outcomeMark, stateMark } from '../../catalogue/parts/marks.ts';
import { notice } from '../../catalogue/parts/notice.ts';
import { section } from '../../catalogue/parts/section.ts';
import { table } from '../../catalogue/parts/table.ts';
import { countText, momentText, shareText } from '../../catalogue/parts/texts.ts';
import { pageFolders } from '../../catalogue/site.ts';
import type { Page, PageKind } from '../../catalogue/site.ts';

const at = new Date('2026-11-22T07:29:42Z');
const states = ['fresh', 'late', 'held', 'failed', 'never', 'waiting'] as const;
const outcomes = ['pass', 'warn', 'fail', 'error'] as const;

/** A kind a folder, whose pages are all {@link samplePage}. */
export const sampleKinds: readonly PageKind[] = pageFolders.map((folder) => ({
  folder,
  name: folder === '' ? 'Today' : `${folder.charAt(0).toUpperCase()}${folder.slice(1)}`,
  ids: async () => (folder === '' ? ['index'] : ['index', 'dim_stores']),
  page: async (_site, id) => (id === 'index' || id === 'dim_stores' ? samplePage : null),
}));

/** Every part once. */
export const samplePage: Page = {
  title: 'dim_stores',
  lead: html`${stateMark('held')} since ${momentText(new Date('2026-11-22T07:26:42Z'), at)}, with 3 models
  behind it.`,
  body: [
    notice(
      'bad',
      html`<p>One of 23 promises is broken: ${countText(12_345, 'row', 'rows')}, ${shareText(0.000_01)}.</p>`,
    ),
    notice('warn', html`<p>Its source has been silent for 2 h.</p>`),
    notice('good', html`<p>All 23 promises held.</p>`),
    notice('plain', html`<p>Nothing runs just now.</p>`),
    section(
      'Facts',
      'facts',
      factList([
        ['owner', 'store-operations'],
        ['objective', '26 h, 99 % of the time'],
        ['grain', 'one row a store'],
        ['file', html`<a href="https://example.com">models/gold/dim_stores.sql</a>`],
      ]),
    ),
    section('Marks', 'marks', [
      html`<p>${states.map((state) => html`${stateMark(state)} `)}</p>`,
      html`<p>${outcomes.map((outcome) => html`${outcomeMark(outcome)} `)}</p>`,
      html`<p>${[...states, ...outcomes].map((marked) => html`${markShape(marked)} `)}</p>`,
    ]),
    section('Loads', 'loads', [
      table({
        caption: 'The last loads, newest first',
        head: ['Load', 'State', 'Rows', 'Window', 'Verdict', 'Took'],
        rows: Array.from({ length: 14 }, (_, index) => [
          html`<a href="#facts">${100 - index}</a>`,
          index === 3 ? stateMark('held') : 'published',
          countText(12_345 * index, 'row', 'rows'),
          momentText(new Date(at.getTime() - index * 3_600_000), at),
          outcomeMark(outcomes[index % 4] ?? 'pass'),
          `${index} s`,
        ]),
        none: 'Nothing has been loaded yet.',
        narrow: [3, 5],
      }),
      table({ caption: 'Nothing', head: ['a'], rows: [], none: 'No backfill has run.' }),
    ]),
    section('Over time', 'over-time', [
      figure({
        title: 'Rows a load',
        note: 'last 30 days',
        drawing: trusted(
          '<svg viewBox="0 0 600 60" width="600" height="60" role="img" aria-label="rows"><path d="M0 50 100 40 200 45 300 10 400 30 500 20 600 25" fill="none" stroke="var(--link)" stroke-width="2"/></svg>',
        ),
        table: table({
          caption: 'Rows a load, by day',
          head: ['Day', 'Rows'],
          rows: [['22 Nov', '18']],
          none: '',
        }),
      }),
      command('weir gate retry --model dim_stores --verdict 6f1c --reason "the limit was raised"'),
    ]),
  ]
    .map((part) => html`${part}`)
    .reduce((before, part) => html`${before}${part}`),
};

/** It as a whole document. */
export function sampleDocument(): string {
  const site = { at, environment: 'demo' };
  return frame({ site, kinds: sampleKinds, folder: 'models', id: 'dim_stores', page: samplePage });
}
