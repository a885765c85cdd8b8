import { boundAdvice } from '../../bound-advice.ts';
import type { BoundAdvice, WantedBound } from '../../bound-advice.ts';
import { html } from '../../html.ts';
import type { Part } from '../../html.ts';
import { command } from '../../parts/command.ts';
import { countText, numberText } from '../../parts/texts.ts';
import type { PromiseUnit } from '../../read/promise-history.ts';
import { BOUND_DAYS } from './about-suite.ts';
import type { PromisePart } from './promise-part.ts';
import { valueWords } from './value-words.ts';

/** One in a hundred of fewer is none: what holds 99 % of the time has then held every time. */
const HUNDRED = 100;

/** Where a bound would have to be to hold 99 % of the time, folded, with what to paste. */
export function adviceDetails({ about, past, promise, history }: PromisePart): Part {
  const expectation = about.suite.expectations[promise.place];
  if (expectation === undefined || history === null || history.unit === null) return null;
  const holding = about.holding.get(history.promiseId);
  const { suite } = about;
  const advice = boundAdvice({ suite, expectation, asking: past.asking, holding, latest: history.latest });
  if (advice === null) return null;
  const { unit } = history;
  return html`<details class="advice">
    <summary>
      To hold 99 % of the time: ${advice.bounds.map((bound) => wantedWords(bound, unit)).join(', ')}
    </summary>
    <p>${evidenceWords(advice)} ${advice.bounds.map((bound) => nowWords(bound, unit))}</p>
    ${advice.paste.map(
      ({ place, text }) =>
        html`<p><code>${place}</code></p>
          ${command(text)}`,
    )}
  </details>`;
}

function wantedWords({ side, wanted }: WantedBound, unit: PromiseUnit): string {
  const old = unit === 'age' ? ' old' : '';
  return `${side === 'lower' ? 'at least' : 'at most'} ${valueWords(wanted, unit)}${old}`;
}

function evidenceWords({ evaluations }: BoundAdvice): string {
  const asked = `In ${countText(evaluations, 'evaluation', 'evaluations')} of the last ${BOUND_DAYS} days`;
  return evaluations < HUNDRED
    ? `${asked}, too few for one in a hundred, it would have held every time.`
    : `${asked} it would have held ${numberText(99)} times in a hundred.`;
}

function nowWords({ side, now, looser, wanted }: WantedBound, unit: PromiseUnit): string {
  if (now === null) return '';
  const is = `It is ${side === 'lower' ? 'at least' : 'at most'} ${valueWords(now, unit)} now`;
  return looser
    ? `${is}, which held less often: look at what broke it before you let ${valueWords(wanted, unit)} pass. `
    : `${is}: there is room to ask for more. `;
}
