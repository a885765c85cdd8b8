import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { markShape, type Marked } from '../../parts/marks.ts';
import { countText, momentText } from '../../parts/texts.ts';
import type { HeldGate } from '../../read/held-gates.ts';
import type { ModelStanding } from '../../read/model-states.ts';
import type { Objective } from '../../read/objectives.ts';
import type { OpenIncident } from '../../read/open-incidents.ts';
import type { Site, To } from '../../site.ts';

/** What the one sentence is made from. */
export interface Looked {
  readonly site: Site;
  readonly to: To;
  readonly states: ReadonlyMap<string, ModelStanding>;
  readonly held: readonly HeldGate[];
  readonly incidents: readonly OpenIncident[];
  readonly objectives: readonly Objective[];
}

/** Whether everything is all right, in one sentence; what is not, the gravest first. */
export function verdictOn(looked: Looked): Html {
  const { states } = looked;
  const standings = [...states.values()];
  const wrongs = [heldWords(looked), failedWords(looked), lateWords(looked), burningWords(looked)].filter(
    (part) => part !== null,
  );
  const mark: Marked =
    looked.held.length > 0 ? 'held' : standings.some(({ state }) => state === 'failed') ? 'failed' : 'late';
  if (wrongs.length > 0)
    return sentence(mark, html`<strong>Not everything is all right:</strong> ${joined(wrongs)}.`);
  if (standings.every(({ state }) => state === 'never'))
    return sentence(
      'never',
      html`<strong>Nothing has run yet.</strong> Start a pipeline, or let its schedule.`,
    );
  const never = [...states].filter(([, { state }]) => state === 'never').map(([name]) => name);
  const rest =
    never.length === 0
      ? null
      : ` ${never.length === 1 ? `${never[0] ?? ''} has` : countText(never.length, 'has', 'models have')} not run yet.`;
  return sentence(
    'pass',
    html`<strong>Everything is all right:</strong> no gate holds, no incident is open, and what readers see is
      as fresh as promised.${rest}`,
  );
}

function sentence(mark: Marked, words: Part): Html {
  return html`<span class="verdict-line">${markShape(mark)} <span>${words}</span></span>`;
}

function joined(parts: readonly Part[]): Part {
  return parts.map((part, index) =>
    index === 0 ? part : [index === parts.length - 1 ? ', and ' : ', ', part],
  );
}

function heldWords({ site, to, held }: Looked): Part {
  const [first, ...more] = held;
  if (first === undefined) return null;
  const waiting = new Set(held.flatMap((one) => one.waiting)).size;
  const behind = waiting === 0 ? '' : `; ${countText(waiting, 'model waits', 'models wait')} behind`;
  if (more.length > 0)
    return html`<a href="#held">${countText(held.length, 'model is', 'models are')} held</a> at a gate,
      ${first.model} since ${momentText(first.since, site.at)}${behind}${behind === '' ? '' : ' them'}`;
  return html`<a href="${to('gates', first.verdictId)}">${first.model} is held</a> at its ${first.gate} gate
    since ${momentText(first.since, site.at)}${behind}${behind === '' ? '' : ' it'}`;
}

/** Incidents that are not a held gate's; models that failed have one. */
function failedWords({ states, held, incidents }: Looked): Part {
  const others = incidents.filter(({ verdictId }) => !held.some((one) => one.verdictId === verdictId)).length;
  if (others > 0)
    return html`<a href="#incidents"
      >${countText(others, held.length > 0 ? 'more incident is' : 'incident is', held.length > 0 ? 'more incidents are' : 'incidents are')}
      open</a
    >`;
  const failed = [...states.values()].filter(({ state }) => state === 'failed').length;
  return failed === 0 ? null : `${countText(failed, 'model has', 'models have')} failed`;
}

function lateWords({ states }: Looked): Part {
  const late = [...states].filter(([, { state }]) => state === 'late').map(([name]) => name);
  if (late.length === 0) return null;
  return late.length === 1
    ? `${late[0] ?? ''} is late`
    : `${countText(late.length, 'is', 'models, sources or views are')} late`;
}

function burningWords({ objectives }: Looked): Part {
  const burning = objectives.filter((one) => one.burning).length;
  if (burning === 0) return null;
  return html`<a href="#objectives">${countText(burning, 'objective burns', 'objectives burn')}</a>`;
}
