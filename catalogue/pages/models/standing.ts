import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { command } from '../../parts/command.ts';
import { stateMark } from '../../parts/marks.ts';
import { notice } from '../../parts/notice.ts';
import { countText, momentText } from '../../parts/texts.ts';
import type { ModelStanding } from '../../read/model-states.ts';
import type { PublishedRelation } from '../../read/published-relation.ts';
import { whoWaitsBehind } from '../../read/waiting-behind.ts';
import { verdictLinks } from '../../verdict-links.ts';
import type { AboutModel } from './about-model.ts';
import { modelLinks } from '../../parts/model-links.ts';
import { needsNotice } from './needs.ts';

/** How a model stands, since when and why, in a sentence. */
export function standingLead({ site, model, states }: AboutModel): Html | null {
  const standing = states.get(model.name);
  if (standing === undefined) return null;
  const { state, since, why } = standing;
  // Of what is fresh it is the time that it is current to, and its age is in the words.
  const from = since === null || state === 'fresh' ? null : html` since ${momentText(since, site.at)}`;
  return html`${stateMark(state)}${from}: ${why}`;
}

/** What somebody has to know before anything else: what holds it, what it waits for, what waits for it. */
export function standingNotices(about: AboutModel, relation: PublishedRelation | null): Part {
  const standing = about.states.get(about.model.name);
  if (standing === undefined) return null;
  return [
    heldNotice(about, standing),
    waitsNotice(about, standing),
    standing.state === 'never' ? needsNotice(about, relation) : null,
    changedNotice(about, relation),
  ];
}

function heldNotice({ site, to, model, states }: AboutModel, { state, verdictId }: ModelStanding): Part {
  const address = verdictId === null ? null : verdictLinks(site, to)(verdictId);
  const behind = whoWaitsBehind(states, model.name);
  if (verdictId === null && behind.length === 0) return null;
  return notice(state === 'held' || state === 'failed' ? 'bad' : 'warn', [
    address === null
      ? null
      : html`<p>
          <a href="${address}">Gate run: which promises broke, and what to press</a>
        </p>`,
    html`<p>
      ${
        behind.length === 0
          ? 'Nothing waits behind it.'
          : html`${countText(behind.length, 'model waits', 'models wait')} behind it:
            ${modelLinks(to, states, behind)}`
      }
    </p>`,
    html`<p><a href="${to('graph', model.name)}">See it in the graph</a></p>`,
  ]);
}

function waitsNotice({ to, states }: AboutModel, { waitingBehind }: ModelStanding): Part {
  if (waitingBehind.length === 0) return null;
  return notice(
    'warn',
    html`<p>
      ${stateMark('waiting')} Nothing new comes until ${modelLinks(to, states, waitingBehind)} goes on.
    </p>`,
  );
}

/** Rows of an incremental model stay as the SELECT made them that was published then. */
function changedNotice({ model }: AboutModel, relation: PublishedRelation | null): Part {
  if (model.kind !== 'incremental' || relation?.sqlChanged !== true) return null;
  return notice('warn', [
    html`<p>
      Its SELECT has changed since it was published last: rows that are there stay as the earlier one made
      them, until it is made anew.
    </p>`,
    command(`npm run weir -- run ${model.schedule} --full-refresh ${model.name}`),
  ]);
}
