import { strip } from '../../charts/strip.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { ifBroken } from '../../parts/on-failure.ts';
import { countText, momentText, numberText } from '../../parts/texts.ts';
import type { PromiseHistory } from '../../read/promise-history.ts';
import { verdictLinks } from '../../verdict-links.ts';
import type { AboutSuite, GatePast } from './about-suite.ts';
import { boundWords } from '../../parts/value-words.ts';

/**
 * What the gate asks beside the suite, which the model's header makes, and what the suite says no more.
 *
 * @param shown the pasts that stand with the suite's promises already.
 */
export function besides(
  about: AboutSuite,
  { histories, asking }: GatePast,
  shown: ReadonlyMap<number, PromiseHistory>,
): Part {
  const ids = new Set([...shown.values()].map(({ promiseId }) => promiseId));
  const others = histories.filter(({ promiseId, latest }) => !ids.has(promiseId) && latest !== null);
  const isHeader = ({ current, place }: PromiseHistory): boolean =>
    current && place >= about.suite.expectations.length;
  const former = others.filter((one) => !isHeader(one));
  return [
    others.filter(isHeader).map((one) => headerPromise(about, one, asking.model.file)),
    former.length === 0
      ? null
      : html`<details>
          <summary>
            ${countText(former.length, 'promise', 'promises')} that the suite says no more, or in other words
          </summary>
          <ul>
            ${former.map((one) => html`<li>${formerWords(one, about.site.at)}</li>`)}
          </ul>
        </details>`,
  ];
}

/** `max_shrink` is the only one that headers make: so many rows there must be at least. */
function headerPromise({ site, to }: AboutSuite, history: PromiseHistory, file: string): Html {
  const { latest, unit, strip: moments, type } = history;
  const bounds = latest === null || unit === null ? null : boundWords(latest, unit);
  const isBad = latest !== null && latest.outcome !== 'held';
  return html`<article class="promise-card ${isBad ? 'bad' : 'good'}">
    <div>
      <h3>${bounds === null ? type : `rows ${bounds}`}</h3>
      <p class="none">
        The table does not shrink by more than <code>max_shrink</code> of <code>${file}</code> allows.
      </p>
      ${ifBroken('critical', { onFailure: 'hold', quarantineShare: null })}
    </div>
    <div>${strip(moments, { now: site.at, href: verdictLinks(site, to) })}</div>
  </article>`;
}

function formerWords({ column, type, latest, evaluations, broken }: PromiseHistory, now: Date): Part {
  const name = [column, type].filter((one) => one !== null).join(' ');
  const last = latest === null ? null : html`, last ${latest.outcome} ${momentText(latest.at, now)}`;
  return html`<code>${name}</code>${last}; did not hold ${numberText(broken)} of
    ${countText(evaluations, 'time', 'times')}`;
}
