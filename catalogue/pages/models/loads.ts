import { isPublished } from '../../../models/model.ts';
import { durationsChart } from '../../charts/loads.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { figure } from '../../parts/figure.ts';
import { runLink } from '../../parts/run-link.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { agoText, clockText, countText, numberText, spanText } from '../../parts/texts.ts';
import { readLastLoads } from '../../read/last-loads.ts';
import type { LoadLine } from '../../read/last-loads.ts';
import { readLoadHistory } from '../../read/load-history.ts';
import type { LoadHistory } from '../../read/load-history.ts';
import type { AboutModel } from './about-model.ts';
import { rowsFigure } from './rows-figure.ts';
import { verdictMarks } from './verdict-marks.ts';

const SHOWN_LOADS = 10;

/** What was loaded lately, and rows and durations over a year; null of what is never loaded. */
export async function loadsSection(about: AboutModel): Promise<Html | null> {
  const { model, site } = about;
  if (!isPublished(model)) return null;
  const [history, loads] = await Promise.all([
    readLoadHistory(site, model.name),
    readLastLoads(site, model.name, SHOWN_LOADS),
  ]);
  return section('Loads', 'loads', [
    table({
      caption: 'The last loads, newest first',
      head: [
        'Opened',
        'What it read',
        'Gates',
        'Inserted',
        'Updated',
        'Taken away',
        'Set aside',
        'Took',
        'Run',
      ],
      rows: loads.map((load) => loadRow(about, load)),
      none: 'None yet.',
      narrow: [5, 7],
    }),
    history.buckets.length === 0 ? null : html`<div class="pair">${historyFigures(history, site.at)}</div>`,
  ]);
}

const stateWords = {
  open: 'under way',
  staged: 'under way: staged',
  published: null,
  empty: 'nothing new',
  abandoned: 'given up',
} as const;

function loadRow({ site, to, model, states }: AboutModel, load: LoadLine): readonly Part[] {
  const { state, openedAt, publishedAt, window, verdicts, overridden } = load;
  const isHeld = (state === 'open' || state === 'staged') && states.get(model.name)?.state === 'held';
  const word = isHeld ? 'held' : stateWords[state];
  const count = (rows: number | null): Part =>
    state === 'published' && rows !== null ? numberText(rows) : '–';
  return [
    html`<time class="whole" datetime="${openedAt.toISOString()}" title="${agoText(openedAt, site.at)}"
      >${clockText(openedAt, site.at)}</time
    >`,
    [window, word === null ? null : html`<br /><span class="how">${word}</span>`],
    [verdictMarks(verdicts, site, to), overridden ? html` <span class="how">overridden</span>` : null],
    count(load.inserted),
    count(load.updated),
    count(load.deleted),
    load.setAside === 0 ? '–' : numberText(load.setAside),
    publishedAt === null
      ? '–'
      : html`<span class="whole">${spanText((publishedAt.getTime() - openedAt.getTime()) / 1000)}</span>`,
    runLink(site, load),
  ];
}

function historyFigures(history: LoadHistory, now: Date): readonly Part[] {
  const loaded = history.buckets.some(({ median }) => median !== null);
  return [
    rowsFigure(history, now, { table: numbersTable(history, now) }),
    loaded
      ? figure({
          title: 'Durations',
          drawing: durationsChart(history),
          note: 'from opening to publish; half of the loads took less than the line, nine in ten less than the area’s top',
        })
      : null,
  ];
}

/** The latest stretches: all of a year would be as long as the rest of the page. */
function numbersTable({ buckets }: LoadHistory, now: Date): Html {
  return table({
    caption: `Rows and durations, the last ${countText(Math.min(24, buckets.length), 'stretch', 'stretches')}`,
    head: [
      'From',
      'Loads',
      'Inserted',
      'Updated',
      'Taken away',
      'Set aside',
      'Half took',
      'Nine in ten took',
    ],
    rows: buckets
      .slice(-24)
      .toReversed()
      .map((one) => [
        clockText(one.from, now),
        `${one.published}${one.empty === 0 ? '' : `, ${one.empty} empty`}${one.abandoned === 0 ? '' : `, ${one.abandoned} given up`}`,
        numberText(one.inserted),
        numberText(one.updated),
        numberText(one.deleted),
        numberText(one.setAside),
        one.median === null ? '–' : spanText(one.median),
        one.slow === null ? '–' : spanText(one.slow),
      ]),
    none: 'None.',
  });
}
