import type { ParameterSource } from '../../../models/model.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { factList } from '../../parts/fact-list.ts';
import { outcomeMark } from '../../parts/marks.ts';
import { section } from '../../parts/section.ts';
import { countText, keptWords, momentText, numberText } from '../../parts/texts.ts';
import type { PromiseHistory } from '../../read/promise-history.ts';
import { promiseWords } from '../../read/suite-promises.ts';
import type { PromiseWords } from '../../read/suite-promises.ts';
import type { AboutSuite, GatePast } from './about-suite.ts';
import { besides } from './besides.ts';
import { promiseAnchor } from './promise-anchor.ts';
import { promisePart } from './promise-part.ts';

const asks = {
  input: (model: Html) => html`what ${model} reads as it landed, before its SELECT cleans it`,
  output: (model: Html) => html`the candidate of ${model}, before any reader sees it`,
} as const;

/** A gate that asks the suite: how it ended last, what it gives for parameters, and every promise with its past. */
export function gatePart(about: AboutSuite, past: GatePast, index: number): Html {
  const { model, gate, header } = past.asking;
  const { to, suite } = about;
  const promises = promiseWords(suite, header);
  const id = `${model.name}-${gate}`;
  const histories = byPlace(past.histories, promises);
  return section(
    `${model.name}, ${gate} gate`,
    id,
    html`<p>Asked of ${asks[gate](html`<a href="${to('models', model.name)}">${model.name}</a>`)}.</p>
      <p>${lastWords(past, about)}</p>
      ${parameters(about, past)}
      ${promises.map((promise) =>
        promisePart({
          about,
          past,
          promise,
          history: histories.get(promise.place) ?? null,
          anchor: promiseAnchor(past.asking, index, promise.place),
        }),
      )}
      ${besides(about, past, histories)}`,
  );
}

function lastWords({ last }: GatePast, { site, to }: AboutSuite): Part {
  if (last === null) return html`<span class="none">not asked yet</span>`;
  const { verdictId, outcome, failed, evaluated, at } = last;
  const kept = evaluated === 0 ? 'could not be checked' : keptWords(failed, evaluated);
  return html`<a class="verdict" href="${to('gates', verdictId)}">${outcomeMark(outcome)}</a> ${kept},
    ${momentText(at, site.at)}`;
}

/** What the header gives, else the suite's own default. */
function parameters({ suite }: AboutSuite, { asking: { header } }: GatePast): Part {
  const names = [...new Set(suite.expectations.flatMap(({ uses }) => uses.flatMap((use) => use.names)))];
  if (names.length === 0) return null;
  const facts = names.map((name): readonly [string, Part] => {
    const given = header.parameters[name];
    return [name, given === undefined ? defaultWords(suite.parameters[name]) : givenWords(given)];
  });
  return html`<h3 class="small">Parameters that it gives</h3>
    ${factList(facts)}`;
}

function defaultWords(value: unknown): Part {
  if (value === undefined) return 'written beside its promise';
  return typeof value === 'object'
    ? 'the suite’s own list'
    : html`${plainWords(value)} <span class="none">by default</span>`;
}

function givenWords(given: ParameterSource): Part {
  if (Array.isArray(given)) return countText(given.length, 'value', 'values');
  if (typeof given === 'object' && given !== null && 'query' in given)
    return html`<code>${given.query}</code> <span class="none">asked each time</span>`;
  return plainWords(given);
}

function plainWords(value: unknown): string {
  return typeof value === 'number' ? numberText(value) : String(value);
}

/** Which past belongs to which promise: by its place while its type and columns are still those, else by these alone. */
function byPlace(
  histories: readonly PromiseHistory[],
  promises: readonly PromiseWords[],
): ReadonlyMap<number, PromiseHistory> {
  const left = histories.filter(({ current }) => current);
  const take = (promise: PromiseWords, isExact: boolean): readonly (readonly [number, PromiseHistory])[] => {
    const at = left.findIndex(
      ({ type, column, place }) =>
        type === promise.type && column === promise.column && (!isExact || place === promise.place),
    );
    return left.splice(at, at < 0 ? 0 : 1).map((one) => [promise.place, one]);
  };
  const exact = new Map(promises.flatMap((promise) => take(promise, true)));
  const others = promises.filter(({ place }) => !exact.has(place)).flatMap((promise) => take(promise, false));
  return new Map([...exact, ...others]);
}
