import { detailsUrl, runUrl } from '../../../activities/page/links.ts';
import type { RunRef } from '../../../activities/run-ref.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { outcomeMark } from '../../parts/marks.ts';
import { momentText } from '../../parts/texts.ts';
import type { GateRun, Neighbour } from '../../read/gate-run.ts';
import type { JudgedPromises } from '../../read/judged-promises.ts';
import type { ModelStanding } from '../../read/model-states.ts';
import type { Site, To } from '../../site.ts';

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
  const href = verdictHref(about, verdictId);
  const when = momentText(at, about.site.at);
  return html`${outcomeMark(outcome)} ${href === null ? when : html`<a href="${href}">${when}</a>`}`;
}

/** The page of a verdict; null where a static site has none. */
export function verdictHref({ site, to }: Pick<AboutRun, 'site' | 'to'>, verdictId: string): string | null {
  return site.hasPage?.('gates', verdictId) === false ? null : to('gates', verdictId);
}

/** A run in the Temporal UI; its name alone where nobody knows where that is. @param place its details, or its history. */
export function runLink(
  { links }: Site,
  run: RunRef,
  { text, place }: { readonly text: string; readonly place: 'details' | 'history' },
): Part {
  const { temporalUi, namespace } = links;
  if (temporalUi === null) return html`<code>${run.workflowId}</code>`;
  const at = { temporalUi, namespace };
  const href = place === 'details' ? detailsUrl(at, run) : runUrl(at, run);
  return html`<a href="${href}">${text}</a>`;
}

/** A file of the repository, or an address; the path alone where the repository is not on the web. */
export function fileLink({ links }: Site, path: string, text: string): Part {
  if (/^https?:\/\//.test(path)) return html`<a href="${path}">${text}</a>`;
  if (links.repositoryUrl === null) return html`${text} (<code>${path}</code>)`;
  return html`<a href="${links.repositoryUrl}/${path}">${text}</a>`;
}

/** A model as a link, where there is one of the name. */
export function modelName({ site, to }: Pick<AboutRun, 'site' | 'to'>, name: string): Part {
  return site.repository.graph.byName.has(name) ? html`<a href="${to('models', name)}">${name}</a>` : name;
}
