import type { Outcome } from '../../../expectations/verdict.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { outcomeMark } from '../../parts/marks.ts';
import type { To } from '../../site.ts';

/** What a gate said, and where its page is. */
interface Said {
  readonly gate: 'input' | 'output';
  readonly verdictId: string;
  readonly outcome: Outcome;
}

/**
 * What a model's gates said of one load, as short as it goes: one mark where all passed, else each that did not with its
 * name. Only what was no pass is linked: a static site has no page of every pass of a year.
 */
export function verdictMarks(verdicts: readonly Said[], to: To): Part {
  const loud = verdicts.filter(({ outcome }) => outcome !== 'pass');
  if (verdicts.length === 0) return '–';
  return loud.length === 0 ? outcomeMark('pass') : loud.map((one) => verdictLink(one, to));
}

function verdictLink({ gate, verdictId, outcome }: Said, to: To): Html {
  return html`<a class="verdict" href="${to('gates', verdictId)}"
    >${outcomeMark(outcome)}<span class="how"> ${gate}</span></a
  > `;
}
