import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { agoText, clockText, countText } from '../parts/texts.ts';
import type { PromiseMoment, PromiseOutcome } from '../read/promise-history.ts';

/** One evaluation as a strip shows it. */
export type StripMoment = Pick<PromiseMoment, 'at' | 'outcome' | 'verdictId' | 'unexpected' | 'elements'>;

/** What stands around a strip. */
export interface StripOptions {
  /** From when ages are measured. */
  readonly now: Date;
  /** The page of a verdict; null where there is none. */
  readonly href: (verdictId: string) => string | null;
}

/** As many as a phone shows side by side. */
const MOST = 60;
const STEP = 6;
const HEIGHT = 20;

const words: Readonly<Record<PromiseOutcome, string>> = {
  held: 'held',
  broken: 'broken',
  errored: 'could not be checked',
};

/** Not the outcomes' own names: a model that is held is another matter than a promise that held. */
const looks: Readonly<Record<PromiseOutcome, string>> = {
  held: 'kept',
  broken: 'broke',
  errored: 'unchecked',
};

/** Each has an outline of its own: a low bar, a high one with a gap, a hollow one. */
const shapes: Readonly<Record<PromiseOutcome, (x: number) => string>> = {
  held: (x) => `M${x + 1} 12h4v8h-4z`,
  broken: (x) => `M${x + 0.5} 0h5v12h-5zm0 14h5v6h-5z`,
  errored: (x) => `M${x + 1.2} 3h3.6v16h-3.6z`,
};

/** An evaluation, and how far from the left it stands. */
interface Placed {
  readonly moment: StripMoment;
  readonly x: number;
}

/**
 * The last evaluations of a promise as a strip, the newest at the right: a small shape each, a link to its gate run, and
 * in words what it comes to.
 *
 * Who moves by keyboard or listens is led to those that did not hold; the others are one word of the summary.
 *
 * @param moments oldest first.
 */
export function strip(moments: readonly StripMoment[], options: StripOptions): Html {
  const shown = moments.slice(-MOST);
  const summary = stripSummary(shown, options.now);
  if (shown.length === 0) return html`<p class="strip-words">${summary}</p>`;
  const width = STEP * shown.length;
  const placed = shown.map((moment, index) => ({ moment, x: index * STEP }));
  // What leads nowhere and says nothing of its own is one path: a static site has no page of most that held.
  const isPlain = ({ moment: { outcome, verdictId } }: Placed): boolean =>
    outcome === 'held' && options.href(verdictId) === null;
  const plain = placed.filter(isPlain).map(({ x }) => shapes.held(x));
  return html`<div class="strip">
    <svg
      viewBox="0 0 ${width} ${HEIGHT}"
      width="${width}"
      height="${HEIGHT}"
      role="group"
      aria-label="${summary}"
    >
      ${plain.length === 0 ? null : html`<path class="kept" d="${plain.join('')}" />`}
      ${placed.filter((one) => !isPlain(one)).map((one) => mark(one, options))}
    </svg>
    <span class="strip-words">${summary}</span>
  </div>`;
}

function mark({ moment, x }: Placed, { now, href }: StripOptions): Html {
  const { outcome, verdictId } = moment;
  const title = `${words[outcome]} ${clockText(moment.at, now)}${countWords(moment)}`;
  const shape = html`<title>${title}</title><path d="${shapes[outcome](x)}" />`;
  const target = href(verdictId);
  if (target === null) return html`<g class="${looks[outcome]}">${shape}</g>`;
  return outcome === 'held'
    ? html`<a class="kept" href="${target}" tabindex="-1" aria-hidden="true">${shape}</a>`
    : html`<a class="${looks[outcome]}" href="${target}">${shape}</a>`;
}

function countWords({ outcome, unexpected, elements }: StripMoment): string {
  if (outcome !== 'broken' || unexpected === null) return '';
  return `, ${countText(unexpected, 'row', 'rows')}${elements === null ? '' : ` of ${countText(elements, 'row', 'rows')}`}`;
}

/**
 * A strip in words: `held in 58 of the last 60, broken 2 h ago`; of what does not hold now, since when.
 *
 * @param moments oldest first.
 */
export function stripSummary(moments: readonly Pick<StripMoment, 'at' | 'outcome'>[], now: Date): string {
  const latest = moments.at(-1);
  if (latest === undefined) return 'not asked yet';
  const held = moments.filter(({ outcome }) => outcome === 'held').length;
  if (held === moments.length) {
    const all = held === 1 ? 'held once' : `held in all of the last ${held}`;
    return `${all}, last asked ${agoText(latest.at, now)}`;
  }
  const last = moments.findLast(({ outcome }) => outcome !== 'held') ?? latest;
  const share = `held in ${held} of the last ${moments.length}`;
  if (latest.outcome === 'held') return `${share}, ${words[last.outcome]} ${agoText(last.at, now)}`;
  const before = moments.findLastIndex(({ outcome }) => outcome === 'held');
  const first = moments[before + 1] ?? latest;
  return `${words[latest.outcome]} ${sinceText(first, latest, now)}; ${share}`;
}

function sinceText(first: Pick<StripMoment, 'at'>, latest: Pick<StripMoment, 'at'>, now: Date): string {
  return first === latest ? agoText(latest.at, now) : `since ${clockText(first.at, now)}`;
}
