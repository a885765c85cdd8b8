import { momentBuckets } from '../../charts/moment-buckets.ts';
import { observedLine } from '../../charts/observed-line.ts';
import { strip } from '../../charts/strip.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { figure } from '../../parts/figure.ts';
import { ifBroken } from '../../parts/on-failure.ts';
import { countText } from '../../parts/texts.ts';
import type { Bucket, PromiseHistory, PromiseUnit } from '../../read/promise-history.ts';
import type { PromiseWords } from '../../read/suite-promises.ts';
import { verdictLinks } from '../../verdict-links.ts';
import { LINE_DAYS } from './about-suite.ts';
import type { AboutSuite, GatePast } from './about-suite.ts';
import { adviceDetails } from './advice.ts';
import { boundWords, groupedWords, valueWords } from '../../parts/value-words.ts';

/** A promise as one gate asks it: what it says, how it held, its values, and where its bounds would have to be. */
export interface PromisePart {
  readonly about: AboutSuite;
  readonly past: GatePast;
  readonly promise: PromiseWords;
  /** Null where the gate has not asked it yet. */
  readonly history: PromiseHistory | null;
  /** Unique on the page. */
  readonly anchor: string;
}

/** One promise, for everybody who wants to know whether it holds and why it is there. */
export function promisePart(part: PromisePart): Html {
  const { about, promise, history, anchor } = part;
  const { site, to } = about;
  const { latest = null, strip: moments = [] } = history ?? {};
  const isBad = latest !== null && latest.outcome !== 'held';
  return html`<article class="promise-card ${isBad ? 'bad' : 'good'}" id="${anchor}">
    <div>
      <h3><a class="anchor" href="#${anchor}">${groupedWords(promise.words)}</a></h3>
      ${promise.condition === null ? null : html`<p>Only of rows where <b>${promise.condition}</b>.</p>`}
      ${promise.why === null ? null : html`<p class="why">${promise.why}</p>`}
      <p class="none">${withCode(promise.meaning)}</p>
      ${ifBroken(promise.severity, promise)}
    </div>
    <div>
      ${strip(moments, { now: site.at, href: verdictLinks(site, to) })}
      ${history === null ? null : line(part, history)} ${adviceDetails(part)}
    </div>
  </article>`;
}

/** What stands between backquotes, as code. */
function withCode(text: string): Part {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
}

/** From how many stretches of time on they say more than the last evaluations one by one. */
const FEWEST_STRETCHES = 12;

/** What a line is drawn of: the last days, or where these have little, the last evaluations. */
function lineOf({ about: { site } }: PromisePart, { series, strip: moments }: PromiseHistory): PastLine {
  const points = momentBuckets(moments);
  const [first] = points;
  if (first === undefined || series.length >= FEWEST_STRETCHES || points.length <= series.length)
    return { points: series, from: new Date(site.at.getTime() - LINE_DAYS * 86_400_000), to: site.at };
  return { points, from: first.from, to: points.at(-1)?.to ?? site.at };
}

interface PastLine {
  readonly points: readonly Bucket[];
  readonly from: Date;
  readonly to: Date;
}

/** A line only where there is something to see: of what never moved a sentence says as much. */
function line(part: PromisePart, history: PromiseHistory): Part {
  const { unit, series, latest } = history;
  if (unit === null || series.length === 0) return null;
  const bounds = latest === null ? null : boundWords(latest, unit);
  const low = Math.min(...series.map((one) => one.low));
  if (low === Math.max(...series.map((one) => one.high))) return constantWords(history, low, bounds);
  const title = unit === 'share' ? 'Share of rows that keep it' : unit === 'age' ? 'How old' : 'Observed';
  const past = lineOf(part, history);
  const drawing = observedLine(past.points, { title: `${title}: ${part.promise.words}`, unit, ...past });
  if (drawing === null) return null;
  const note = `last ${valueWords(series.at(-1)?.last ?? 0, unit)}${bounds === null ? '' : `; ${bounds}`}`;
  return figure({ title, drawing, note, table: extremes(past.points, unit) });
}

function constantWords({ unit, series }: PromiseHistory, value: number, bounds: string | null): Html {
  const asked = series.reduce((sum, one) => sum + one.evaluations, 0);
  const is =
    unit === 'share' && value === 1 ? 'every row kept it' : `always ${valueWords(value, unit ?? 'value')}`;
  return html`<p class="strip-words">
    ${is} in ${countText(asked, 'evaluation', 'evaluations')} of ${LINE_DAYS}
    days${unit !== 'share' && bounds !== null ? `; ${bounds}` : null}
  </p>`;
}

/** The line in words, for who cannot see it. */
function extremes(points: readonly Bucket[], unit: PromiseUnit): Html {
  const evaluations = points.reduce((sum, one) => sum + one.evaluations, 0);
  const [low, high] = [Math.min(...points.map((one) => one.low)), Math.max(...points.map((one) => one.high))];
  const bad = points.filter(({ worst }) => worst !== 'held').slice(-MOST_TOLD);
  return html`<p>
      ${countText(evaluations, 'evaluation', 'evaluations')}, between ${valueWords(low, unit)} and
      ${valueWords(high, unit)}.
    </p>
    ${
      bad.length === 0
        ? null
        : html`<ul>
            ${bad.map((one) => html`<li>${badWords(one, unit)}</li>`)}
          </ul>`
    }`;
}

const MOST_TOLD = 10;

function badWords({ from, low, high }: Bucket, unit: PromiseUnit): string {
  const values =
    low === high ? valueWords(low, unit) : `${valueWords(low, unit)} to ${valueWords(high, unit)}`;
  return `${from.toISOString().slice(0, 16).replace('T', ' ')} UTC: did not hold, ${values}`;
}
