import { boundAdvice } from '../../bound-advice.ts';
import type { BoundAdvice, WantedBound } from '../../bound-advice.ts';
import { html } from '../../html.ts';
import type { Part } from '../../html.ts';
import { command } from '../../parts/command.ts';
import { countText, numberText } from '../../parts/texts.ts';
import type { PromiseUnit } from '../../read/promise-history.ts';
import { BOUND_DAYS } from './about-suite.ts';
import type { PromisePart } from './promise-part.ts';
import { boundWords } from '../../parts/value-words.ts';

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
  const wanted = sidesWords(
    advice.bounds.map(({ side, wanted }) => ({ side, value: wanted })),
    unit,
  );
  return html`<details class="advice">
    <summary>To hold 99 % of the time: ${wanted}</summary>
    <p>${evidenceWords(advice)} ${nowWords(advice.bounds, unit)}</p>
    ${advice.paste.map(
      ({ place, text }) =>
        html`<p><code>${place}</code></p>
          ${command(text)}`,
    )}
  </details>`;
}

function evidenceWords({ evaluations }: BoundAdvice): string {
  const asked = `In ${countText(evaluations, 'evaluation', 'evaluations')} of the last ${BOUND_DAYS} days`;
  return evaluations < HUNDRED
    ? `${asked}, too few for one in a hundred, it would have held every time.`
    : `${asked} it would have held ${numberText(99)} times in a hundred.`;
}

/** What the bounds are now, and what to make of the difference. */
function nowWords(bounds: readonly WantedBound[], unit: PromiseUnit): string {
  const of = (looser: boolean): string => {
    const known = bounds.filter((bound) => bound.looser === looser && bound.now !== null);
    return sidesWords(
      known.map(({ side, now }) => ({ side, value: now ?? 0 })),
      unit,
    );
  };
  const [tight, loose] = [of(false), of(true)];
  return [
    loose === ''
      ? ''
      : `It is ${loose} now, which held less often: look at what broke it before you let more pass.`,
    tight === '' ? '' : `It is ${tight} now: there is room to ask for more.`,
  ].join(' ');
}

function sidesWords(
  sides: readonly { readonly side: 'lower' | 'upper'; readonly value: number }[],
  unit: PromiseUnit,
): string {
  const valueOf = (side: 'lower' | 'upper'): number | null =>
    sides.find((one) => one.side === side)?.value ?? null;
  return boundWords({ lower: valueOf('lower'), upper: valueOf('upper') }, unit) ?? '';
}
