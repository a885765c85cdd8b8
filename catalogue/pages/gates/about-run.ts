import { fileAddress } from '../../file-address.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { outcomeMark } from '../../parts/marks.ts';
import { momentText } from '../../parts/texts.ts';
import type { GateRun, Neighbour } from '../../read/gate-run.ts';
import type { JudgedPromises } from '../../read/judged-promises.ts';
import type { ModelStanding } from '../../read/model-states.ts';
import type { Site, To } from '../../site.ts';
import { verdictLinks } from '../../verdict-links.ts';

/** What the page of a verdict is made from. */
export interface AboutRun {
  readonly site: Site;
  readonly run: GateRun;
  readonly promises: JudgedPromises;
  readonly states: ReadonlyMap<string, ModelStanding>;
  readonly to: To;
}

/** Another verdict of the gate: how it ended and when, as a link. */
export function neighbourLink(about: Pick<AboutRun, 'site' | 'to'>, one: Neighbour): Html {
  const { verdictId, outcome, at } = one;
  const href = verdictLinks(about.site, about.to)(verdictId);
  const when = momentText(at, about.site.at);
  return html`${outcomeMark(outcome)} ${href === null ? when : html`<a href="${href}">${when}</a>`}`;
}

/** A file of the repository, or an address; the path alone where the repository is not on the web. */
export function fileLink({ links }: Site, path: string, text: string): Part {
  const address = fileAddress(links, path);
  return address === null ? html`${text} (<code>${path}</code>)` : html`<a href="${address}">${text}</a>`;
}

/** A model as a link, where there is one of the name. */
export function modelName({ site, to }: Pick<AboutRun, 'site' | 'to'>, name: string): Part {
  return site.repository.graph.byName.has(name) ? html`<a href="${to('models', name)}">${name}</a>` : name;
}
