import type { Outcome } from '../../../expectations/verdict.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { outcomeMark } from '../../parts/marks.ts';
import type { Site, To } from '../../site.ts';
import { verdictLinks } from '../../verdict-links.ts';

/** What a gate said, and where its page is. */
interface Said {
  readonly gate: 'input' | 'output';
  readonly verdictId: string;
  readonly outcome: Outcome;
}

/**
 * What a model's gates said of one load, as short as it goes: one mark where all passed, else each that did not with its
 * name. Linked where the site has their pages.
 */
export function verdictMarks(verdicts: readonly Said[], site: Pick<Site, 'hasPage'>, to: To): Part {
  const linkOf = verdictLinks(site, to);
  const loud = verdicts.filter(({ outcome }) => outcome !== 'pass');
  const last = verdicts.at(-1);
  if (last === undefined) return '–';
  if (loud.length === 0) return linked(linkOf(last.verdictId), outcomeMark('pass'));
  return loud.map(({ gate, verdictId, outcome }) => [
    linked(linkOf(verdictId), html`${outcomeMark(outcome)}<span class="how"> ${gate}</span>`),
    ' ',
  ]);
}

/** A mark that leads to its verdict, or the mark alone where there is no page of it. */
export function linked(address: string | null, mark: Html): Html {
  return address === null ? mark : html`<a class="verdict" href="${address}">${mark}</a>`;
}
