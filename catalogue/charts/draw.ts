import { createHash } from 'node:crypto';
import { plot } from '@observablehq/plot';
import type { PlotOptions } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
// oxlint-disable-next-line no-restricted-imports -- The one place where drawings of a library come in.
import { html, markupOf, trusted } from '../html.ts';
import type { Html } from '../html.ts';

/** What of the DOM a drawing needs; the compiler here knows no browser. */
interface Drawn {
  readonly outerHTML: string;
  readonly querySelectorAll: (selector: string) => Iterable<Drawn>;
  readonly getAttribute: (name: string) => string | null;
  readonly setAttribute: (name: string, value: string) => void;
  readonly removeAttribute: (name: string) => void;
  readonly remove: () => void;
}

/** Nothing is ever hung into it: it only makes elements. */
const { document } = parseHTML('<!doctype html><html lang="en"></html>');

/** Of the axis and the marks. Small enough for a phone, large enough when a chart of 460 is drawn 350 wide there. */
const FONT_SIZE = 12;

/**
 * Draws a chart as SVG, the one place that knows Plot and its document.
 *
 * A picture to a screen reader (`role="img"`, named by `label`), or a group of links where marks have an `href`. The
 * page's style sheet has its looks: no style element (the content security policy refuses it), no font, classes by
 * `className`; colours are `var(--…)` and `currentColor`. Same input, same text: ids are made from what is drawn.
 *
 * @param options of Plot. `width` and `height` are px at full size; the chart shrinks with the page.
 * @param label what the chart shows, for who cannot see it: `share of rows, 14 days, lowest 97.2 %`.
 * @param hasStops whether its links are stops of the Tab key.
 * @see https://observablehq.com/plot/features/plots
 */
export function drawPlot(
  options: PlotOptions,
  { label, hasStops = true }: { readonly label: string; readonly hasStops?: boolean },
): Html {
  const drawn: Drawn = plot({
    marginTop: 14,
    ...withClock(options),
    className: 'plot',
    figure: false,
    document,
  });
  for (const style of drawn.querySelectorAll('style')) style.remove();
  const links = [...drawn.querySelectorAll('a')];
  for (const link of links) {
    escapeTarget(link);
    if (!hasStops) link.setAttribute('tabindex', '-1');
  }
  drawn.removeAttribute('font-family');
  drawn.setAttribute('font-size', String(FONT_SIZE));
  const name = markupOf(html`<svg role="${links.length > 0 ? 'group' : 'img'}" aria-label="${label}" `);
  return trusted(
    renamed(
      drawn.outerHTML.replaceAll(TAG, tidy).replace('<svg ', () => name),
      label,
    ),
  );
}

/** The document writes quotes as they must be, and all else as it comes: in an address `<a ` would be taken for an element. */
function escapeTarget(link: Drawn): void {
  for (const name of ['href', 'xlink:href']) {
    const target = link.getAttribute(name);
    if (target === null) continue;
    link.setAttribute(name, target.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
  }
}

/** An axis of time whose ticks are as the pages write times: UTC, 24 hours. */
function withClock(options: PlotOptions): PlotOptions {
  const { x } = options;
  if (x?.type !== 'utc' || x.tickFormat !== undefined) return options;
  return { ...options, x: { label: null, ticks: ticksOf(x.domain), ...x, tickFormat: tickText } };
}

/** Below that times may have seconds, and Plot may draw twice as many as were asked for: of five they run into each other. */
const SHORT_MS = 15 * 60_000;

function ticksOf(domain: Iterable<unknown> | undefined): number {
  const times = [...(domain ?? [])].flatMap((at) => (at instanceof Date ? at.getTime() : []));
  return Math.max(...times) - Math.min(...times) < SHORT_MS ? 3 : 5;
}

const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** `06:00`, with its seconds where it has some; at midnight the day, on which a day begins: `12 Nov`, and at the first of a year that year. */
function tickText(at: Date): string {
  const iso = at.toISOString();
  if (iso.endsWith('-01-01T00:00:00.000Z')) return iso.slice(0, 4);
  if (iso.endsWith('T00:00:00.000Z')) return days.format(at);
  return iso.slice(11, iso.endsWith(':00.000Z') ? 16 : 19);
}

/** An element's beginning. In texts the document escapes what would look like one. */
const TAG = /<[a-z][^<>]*>/gi;
/** The chart has one name, its own: to a screen reader nothing within is `y-axis tick label`. */
const NAMES = / aria-(?:label|description)="[^"]*"/g;
/** Lengths with more decimals than a pixel has. */
const LONG = /(\d+)\.(\d{2,})(?:e-?\d+)?/g;

function tidy(tag: string): string {
  const unnamed = tag.includes(' aria-') ? tag.replaceAll(NAMES, '') : tag;
  return unnamed.startsWith('<a ') ? unnamed : unnamed.replaceAll(LONG, rounded);
}

function rounded(length: string): string {
  return String(Math.round(Number(length) * 10) / 10);
}

/** Plot numbers its clips and markers over the process's life; on a page two could meet, and no text would be the same twice. */
function renamed(markup: string, label: string): string {
  const ids = [
    ...new Set([...markup.matchAll(/ id="([^"]*)"/g)].flatMap(([, id]) => (id === undefined ? [] : [id]))),
  ];
  if (ids.length === 0) return markup;
  const neutral = ids.reduce((text, id, index) => rename(text, id, `clip-${index}`), markup);
  const hash = createHash('sha256').update(label).update(neutral).digest('hex').slice(0, 8);
  return ids.reduce((text, _, index) => rename(text, `clip-${index}`, `clip-${hash}-${index}`), neutral);
}

function rename(markup: string, id: string, name: string): string {
  return markup.replaceAll(`id="${id}"`, `id="${name}"`).replaceAll(`url(#${id})`, `url(#${name})`);
}
