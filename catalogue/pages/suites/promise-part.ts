import type { OnFailure } from '../../../expectations/on-failure.ts';
import type { Severity } from '../../../expectations/verdict.ts';
import { observedLine } from '../../charts/observed-line.ts';
import { strip } from '../../charts/strip.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { figure } from '../../parts/figure.ts';
import { countText, shareText } from '../../parts/texts.ts';
import type { PromiseHistory } from '../../read/promise-history.ts';
import type { PromiseWords } from '../../read/suite-promises.ts';
import { verdictLinks } from '../../verdict-links.ts';
import { LINE_DAYS } from './about-suite.ts';
import type { AboutSuite, GatePast } from './about-suite.ts';
import { adviceDetails } from './advice.ts';
import { boundWords, groupedWords, valueWords } from './value-words.ts';

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
      <p class="none">${promise.meaning}</p>
      <p class="failing"><b>${promise.severity}</b>: ${failureWords(promise)}</p>
    </div>
    <div>
      ${strip(moments, { now: site.at, href: verdictLinks(site, to) })}
      ${history === null ? null : line(part, history)} ${adviceDetails(part)}
    </div>
  </article>`;
}

const loudness: Readonly<Record<Severity, string>> = {
  critical: 'wakes somebody',
  warning: 'is told, wakes nobody',
  info: 'is written down',
};

const happens: Readonly<Record<OnFailure, string>> = {
  hold: 'the batch waits, unseen',
  quarantine: 'bad rows are set aside',
  continue: 'the data goes on',
};

function failureWords({ severity, onFailure, quarantineShare }: PromiseWords): string {
  const share = quarantineShare === null ? '' : `, up to ${shareText(quarantineShare)} of a batch`;
  return `${loudness[severity]}; ${happens[onFailure]}${share}`;
}

/** A line only where there is something to see: of what never moved a sentence says as much. */
function line({ about, promise }: PromisePart, { unit, series, latest, promiseId }: PromiseHistory): Part {
  if (unit === null || series.length === 0) return null;
  const lows = series.map(({ low }) => low);
  const highs = series.map(({ high }) => high);
  const bounds = latest === null ? null : boundWords(latest, unit);
  if (Math.min(...lows) === Math.max(...highs)) {
    const [value = 0] = lows;
    const words = unit === 'share' && value === 1 ? 'every row kept it' : `always ${valueWords(value, unit)}`;
    return html`<p class="strip-words">
      ${words} in ${LINE_DAYS} days${unit !== 'share' && bounds !== null ? html` (${bounds})` : null}
    </p>`;
  }
  const title = unit === 'share' ? 'Share of rows that keep it' : unit === 'age' ? 'How old' : 'Observed';
  const from = new Date(about.site.at.getTime() - LINE_DAYS * 86_400_000);
  const drawing = observedLine(series, {
    title: `${title}: ${promise.words} (${promiseId})`,
    unit,
    from,
    to: about.site.at,
  });
  if (drawing === null) return null;
  const last = series.at(-1)?.last ?? 0;
  const note = `last ${valueWords(last, unit)}${bounds === null ? '' : `; ${bounds}`}`;
  return figure({ title, drawing, note, table: extremes(series, unit) });
}

/** The line in words, for who cannot see it. */
function extremes(series: PromiseHistory['series'], unit: NonNullable<PromiseHistory['unit']>): Html {
  const evaluations = series.reduce((sum, one) => sum + one.evaluations, 0);
  const bad = series.filter(({ worst }) => worst !== 'held');
  const low = Math.min(...series.map((one) => one.low));
  const high = Math.max(...series.map((one) => one.high));
  return html`<p>
      ${countText(evaluations, 'evaluation', 'evaluations')} in ${LINE_DAYS} days, between
      ${valueWords(low, unit)} and ${valueWords(high, unit)}.
    </p>
    ${
      bad.length === 0
        ? null
        : html`<ul>
            ${bad
              .slice(-10)
              .map(
                ({ from, low, high }) =>
                  html`<li>
                    ${from.toISOString().slice(0, 16).replace('T', ' ')} UTC: did not hold,
                    ${valueWords(low, unit)} to ${valueWords(high, unit)}
                  </li>`,
              )}
          </ul>`
    }`;
}
