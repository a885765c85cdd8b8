import { rect, text } from '@observablehq/plot';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { countText, spanText } from '../parts/texts.ts';
import type { RunState } from '../read/runs.ts';
import { drawPlot } from './draw.ts';
import { packRows } from './pack-rows.ts';

/** What is drawn of a run, or of several that are one bar. */
export interface TimeLineBar {
  readonly lane: string;
  readonly state: RunState;
  readonly began: Date;
  readonly ended: Date;
  /** What it says when it is pointed at. */
  readonly title: string;
  readonly href: string | null;
  /** Parts of it in which a gate held a model. */
  readonly holds: readonly {
    readonly since: Date;
    readonly until: Date;
    readonly title: string;
    readonly href: string | null;
  }[];
}

/** A time and what ran in it. */
export interface TimeLine {
  readonly from: Date;
  readonly to: Date;
  readonly bars: readonly TimeLineBar[];
}

/** Heights in px: of a bar, of the gap below it, of a lane's name above its bars. */
const BAR = 15;
const GAP = 4;
const NAME = 20;
/** No bar is narrower: an hour's run is a second of a day. */
const NARROWEST = 4;
/** Side by side no more than these are told apart. */
const MOST_ROWS = 5;

const FILLS: Readonly<Record<RunState, string>> = {
  published: 'var(--fresh)',
  empty: 'var(--never)',
  running: 'var(--waiting-soft)',
  held: 'var(--held)',
  failed: 'var(--failed)',
};
const STROKES: Readonly<Record<RunState, string>> = {
  ...FILLS,
  running: 'var(--waiting)',
};
/** In or above the bar: nobody has to tell it by its colour. */
const SIGNS: Partial<Record<RunState, string>> = { held: '❙❙', failed: '✕', running: '…' };

interface Box {
  readonly x1: Date;
  readonly x2: Date;
  readonly y1: number;
  readonly y2: number;
  readonly fill: string;
  readonly stroke: string;
  readonly title: string;
  readonly href: string | null;
}

interface Text {
  readonly at: Date;
  readonly y: number;
  readonly text: string;
  readonly colour: string;
}

interface Scene {
  readonly boxes: readonly Box[];
  readonly signs: readonly Text[];
  readonly names: readonly Text[];
  readonly height: number;
}

const MARGIN = { left: 8, right: 24, top: 6, bottom: 28 };

/**
 * Runs on a line of time, a lane a pipeline; those that overlap stand below each other. A bar leads to its run, the part
 * of it in which a gate held it to the gate run.
 *
 * @param width px: one drawing is as wide as a desk's page, another as a phone.
 */
export function timeLineChart(line: TimeLine, width: number): Html {
  const { boxes, signs, names, height } = sceneOf(line, width - MARGIN.left - MARGIN.right);
  return drawPlot(
    {
      width,
      height: MARGIN.top + height + MARGIN.bottom,
      marginTop: MARGIN.top,
      marginBottom: MARGIN.bottom,
      marginLeft: MARGIN.left,
      marginRight: MARGIN.right,
      x: {
        type: 'utc',
        domain: [line.from, line.to],
        label: null,
        ...ticksOf(line, width),
      },
      y: { axis: null, domain: [0, height], range: [MARGIN.top, MARGIN.top + height] },
      color: { type: 'identity' },
      marks: [
        rect(boxes, {
          ...{ x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', rx: 2 },
          ...{ fill: 'fill', stroke: 'stroke', title: 'title', href: 'href' },
        }),
        text(signs, { x: 'at', y: 'y', text: 'text', fill: 'colour', fontSize: 9, pointerEvents: 'none' }),
        text(names, { x: 'at', y: 'y', text: 'text', fill: 'colour', fontWeight: 600, textAnchor: 'start' }),
      ],
    },
    // A hundred bars are no hundred stops of the Tab key: the table beside the chart has the same links.
    { label: labelOf(line), hasStops: false },
  );
}

/** Minutes or hours as there is room for; of a life of minutes seconds too. */
function ticksOf({ from, to }: TimeLine, width: number) {
  const hasSeconds = to.getTime() - from.getTime() < 15 * 60_000;
  // A time that would stand half beyond the left edge has its stroke alone.
  const pxMs = Math.max(1, to.getTime() - from.getTime()) / (width - MARGIN.left - MARGIN.right);
  const half = hasSeconds ? 26 : 17;
  const clock = (at: Date): string =>
    MARGIN.left + (at.getTime() - from.getTime()) / pxMs < half
      ? ''
      : at.toISOString().slice(11, hasSeconds ? 19 : 16);
  return { ticks: Math.max(3, Math.round(width / (hasSeconds ? 130 : 110))), tickFormat: clock };
}

/** The gravest last, over what it may lie on. */
const ORDER: readonly RunState[] = ['empty', 'published', 'running', 'held', 'failed'];

/** Where everything stands, y in px from the top. @param width of the line itself, px. */
function sceneOf({ from, to, bars }: TimeLine, width: number): Scene {
  const pxMs = Math.max(1000, to.getTime() - from.getTime()) / width;
  const boxes: Box[] = [];
  const signs: Text[] = [];
  const names: Text[] = [];
  let y = 0;
  for (const [lane, ofLane] of Map.groupBy(bars, (bar) => bar.lane)) {
    names.push({ at: from, y: y + NAME / 2, text: lane, colour: 'currentColor' });
    y += NAME;
    const placed = packRows(ofLane, NARROWEST * pxMs, MOST_ROWS).toSorted(
      (a, b) => ORDER.indexOf(a.item.state) - ORDER.indexOf(b.item.state),
    );
    for (const { item, row, until } of placed) {
      const top = y + row * (BAR + GAP);
      boxes.push(...boxesOf(item, until, top, NARROWEST * pxMs));
      signs.push(...signOf(item, until, top, (until - item.began.getTime()) / pxMs));
    }
    y += (Math.max(...placed.map(({ row }) => row)) + 1) * (BAR + GAP) + GAP;
  }
  return { boxes, signs, names, height: y };
}

/** @param width px: a narrow bar that failed says so all the same. */
function signOf({ state, began }: TimeLineBar, until: number, top: number, width: number): readonly Text[] {
  const sign = SIGNS[state];
  if (sign === undefined || (width < 2 * BAR && state !== 'failed')) return [];
  const colour = state === 'running' ? 'var(--waiting)' : width < 8 ? 'var(--failed)' : 'var(--paper)';
  const y = width < 8 ? top - GAP : top + BAR / 2;
  return [{ at: new Date((began.getTime() + until) / 2), y, text: sign, colour }];
}

function boxesOf(bar: TimeLineBar, until: number, top: number, narrowestMs: number): readonly Box[] {
  const { state, title, href } = bar;
  const slim = state === 'empty' ? 5 : 0;
  const whole: Box = {
    ...{ x1: bar.began, x2: new Date(until), y1: top + slim, y2: top + BAR - slim, title, href },
    ...{ fill: FILLS[state], stroke: STROKES[state] },
  };
  const held = bar.holds.map((hold): Box => ({
    x1: hold.since,
    x2: new Date(Math.max(hold.until.getTime(), hold.since.getTime() + narrowestMs)),
    ...{ y1: top + BAR / 2, y2: top + BAR, fill: 'var(--held)', stroke: 'var(--held)' },
    ...{ title: hold.title, href: hold.href },
  }));
  return [whole, ...held];
}

function labelOf({ from, to, bars }: TimeLine): string {
  const lanes = new Set(bars.map(({ lane }) => lane)).size;
  const time = spanText((to.getTime() - from.getTime()) / 1000);
  return `Runs of ${countText(lanes, 'pipeline', 'pipelines')} in ${time}; the table below has the same`;
}

const LEGEND: Readonly<Record<RunState, string>> = {
  published: 'published',
  empty: 'found nothing new',
  running: 'running',
  held: 'held',
  failed: 'failed',
};

/** What the bars mean; only of what is there. */
export function timeLineLegend(states: readonly RunState[], wasHeld: boolean): Html {
  return html`<ul class="run-legend">
    ${states.map((state) => html`<li>${swatch(state, false)} ${LEGEND[state]}</li>`)}
    ${wasHeld ? html`<li>${swatch('published', true)} held for a while</li>` : null}
  </ul>`;
}

function swatch(state: RunState, wasHeld: boolean): Html {
  const slim = state === 'empty' ? 3.5 : 0;
  return html`<svg viewBox="0 0 22 12" width="22" height="12" aria-hidden="true">
    <rect
      x="1"
      y="${1 + slim}"
      width="20"
      height="${10 - 2 * slim}"
      rx="2"
      fill="${FILLS[state]}"
      stroke="${STROKES[state]}"
    />
    ${wasHeld ? html`<rect x="6" y="6" width="11" height="5" fill="var(--held)" />` : null}
    ${
      SIGNS[state] === undefined
        ? null
        : html`<text
            x="11"
            y="9.2"
            font-size="8"
            text-anchor="middle"
            fill="${state === 'running' ? 'var(--waiting)' : 'var(--paper)'}"
          >
            ${SIGNS[state]}
          </text>`
    }
  </svg>`;
}
