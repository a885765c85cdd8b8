import { timeLineChart, timeLineLegend, type TimeLine, type TimeLineBar } from '../../charts/time-line.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { figure } from '../../parts/figure.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { clockText, countText, momentText, numberText, spanText } from '../../parts/texts.ts';
import type { Hold } from '../../read/past-holds.ts';
import { runStates, type RunBar, type RunsOfLate, type RunState } from '../../read/runs.ts';
import type { Site, To } from '../../site.ts';
import { verdictLinks } from '../../verdict-links.ts';
import { runAddress, runName } from '../../parts/run-link.ts';

/** px of a desk's page and of a phone's. */
const WIDTHS = { wide: 1080, narrow: 350 };
/** The newest; who wants more asks Temporal. */
const MOST_LISTED = 60;

/** Runs on a line of time, by pipeline. */
export function runsSection(site: Site, to: To, runs: RunsOfLate, holds: readonly Hold[]): Html {
  if (runs.bars.length === 0)
    return section('Runs', 'runs', html`<p class="none">None in the last 24 hours.</p>`);
  const line: TimeLine = {
    from: runs.from,
    to: runs.to,
    bars: runs.bars.map((bar) => barOf(site, to, bar, holds)),
  };
  const states = runStates.filter((state) => runs.counts[state] > 0);
  const wasHeld = line.bars.some((bar) => bar.holds.length > 0);
  return section(
    'Runs',
    'runs',
    html`<p class="how">${countsWords(runs)} ${nextWords(site)}</p>
      ${figure({
        title: spanWords(runs),
        note: timeLineLegend(states.toReversed(), wasHeld),
        drawing: html`<div class="on-desk">${timeLineChart(line, WIDTHS.wide)}</div>
          <div class="on-phone">${timeLineChart(line, WIDTHS.narrow)}</div>`,
        table: runsTable(site, runs),
      })}`,
  );
}

function spanWords({ from, to }: RunsOfLate): string {
  const seconds = (to.getTime() - from.getTime()) / 1000;
  return seconds > 23 * 3600
    ? 'The last 24 hours, UTC'
    : `Since ${clockText(from, to)}: ${spanText(seconds)}`;
}

const WORDS: Readonly<Record<RunState, string>> = {
  failed: 'failed',
  held: 'held',
  running: 'running',
  published: 'published',
  empty: 'found nothing new',
};

function countsWords({ runs, counts }: RunsOfLate): string {
  const parts = runStates
    .filter((state) => counts[state] > 0)
    .map((state) => `${numberText(counts[state])} ${WORDS[state]}`);
  return `${countText(runs, 'run', 'runs')}: ${parts.join(', ')}.`;
}

/** What comes next only Temporal knows. */
function nextWords({ links: { temporalUi, namespace } }: Site): Part {
  if (temporalUi === null) return null;
  const place = `${temporalUi}/namespaces/${encodeURIComponent(namespace)}`;
  return html`What runs next stands with the <a href="${place}/schedules">schedules</a> in the Temporal UI.`;
}

function barOf(site: Site, to: To, bar: RunBar, holds: readonly Hold[]): TimeLineBar {
  const { pipeline, state, began, ended } = bar;
  return {
    ...{ lane: pipeline, state, began, ended, title: titleOf(bar, site.at) },
    href: bar.runs === 1 || state === 'failed' || state === 'held' ? runAddress(site, bar) : null,
    holds: holds
      .filter(({ workflowId, end }) => workflowId === bar.workflowId && end !== 'held')
      .flatMap(({ since, until, model, verdictId }) =>
        until === null
          ? []
          : [
              {
                ...{ since, until, href: verdictLinks(site, to)(verdictId) },
                title: `${model} was held for ${spanText((until.getTime() - since.getTime()) / 1000)}`,
              },
            ],
      ),
  };
}

function titleOf(bar: RunBar, now: Date): string {
  const { state, began, ended } = bar;
  return `${nameOf(bar)}: ${stateWords(bar)} · ${clockText(began, now)}, ${state === 'held' || state === 'running' ? 'for' : 'took'} ${lasted(began, ended)}`;
}

function nameOf(bar: RunBar): string {
  return bar.runs === 1 ? runName(bar) : `${numberText(bar.runs)} runs`;
}

function stateWords({ state, troubled, published, rows }: RunBar): string {
  if (state === 'published')
    return `published ${countText(published, 'model', 'models')}, ${countText(rows, 'row', 'rows')} changed`;
  return troubled.length === 0 ? WORDS[state] : `${WORDS[state]}: ${troubled.join(', ')}`;
}

function lasted(began: Date, ended: Date): string {
  const seconds = (ended.getTime() - began.getTime()) / 1000;
  return seconds < 1 ? 'less than a second' : spanText(seconds);
}

function runsTable(site: Site, { bars }: RunsOfLate): Html {
  const newest = bars.toSorted((a, b) => b.began.getTime() - a.began.getTime());
  return table({
    caption:
      newest.length > MOST_LISTED
        ? `The newest ${MOST_LISTED} of ${numberText(newest.length)} bars of the chart, the newest first`
        : 'Every bar of the chart, the newest first',
    head: ['Run', 'Pipeline', 'Began', 'Lasted', 'What came of it'],
    rows: newest.slice(0, MOST_LISTED).map((bar) => rowOf(site, bar)),
    none: 'None.',
    narrow: [1, 3],
  });
}

function rowOf(site: Site, bar: RunBar): readonly Part[] {
  const { runs, pipeline, began, ended } = bar;
  const address = runs === 1 ? runAddress(site, bar) : null;
  const name = nameOf(bar);
  return [
    address === null ? name : html`<a href="${address}">${name}</a>`,
    pipeline,
    momentText(began, site.at),
    lasted(began, ended),
    stateWords(bar),
  ];
}
