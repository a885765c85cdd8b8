import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { command } from '../../parts/command.ts';
import { stateMark } from '../../parts/marks.ts';
import { notice } from '../../parts/notice.ts';
import { countText, momentText } from '../../parts/texts.ts';
import type { ModelStanding } from '../../read/model-states.ts';
import type { AboutModel } from './about-model.ts';
import { modelLinks } from './model-link.ts';

/** How a model stands, since when and why, in a sentence. */
export function standingLead({ site, model, states }: AboutModel): Html | null {
  const standing = states.get(model.name);
  if (standing === undefined) return null;
  const { state, since, why } = standing;
  return html`${stateMark(state)}${since === null ? null : html` since ${momentText(since, site.at)}`}: ${why}`;
}

/** What somebody has to know before anything else: what holds it, what it waits for, what waits for it. */
export function standingNotices(about: AboutModel): Part {
  const standing = about.states.get(about.model.name);
  if (standing === undefined) return null;
  return [heldNotice(about, standing), waitsNotice(about, standing), neverNotice(about, standing)];
}

function heldNotice({ to, model, states }: AboutModel, { state, verdictId }: ModelStanding): Part {
  const behind = [...states]
    .filter(([, one]) => one.waitingBehind.includes(model.name))
    .map(([name]) => name);
  if (state !== 'held' && state !== 'failed') return null;
  return notice('bad', [
    verdictId === null
      ? null
      : html`<p>
          <a href="${to('gates', verdictId)}">Gate run: which promises broke, and what to press</a>
        </p>`,
    html`<p>
      ${
        behind.length === 0
          ? 'Nothing waits behind it.'
          : html`${countText(behind.length, 'model waits', 'models wait')} behind it:
            ${modelLinks(to, states, behind)}`
      }
      <a href="${to('graph', model.name)}">See it in the graph</a>
    </p>`,
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

/** What a model that was never loaded will need first. */
function neverNotice({ to, model, states, site }: AboutModel, { state }: ModelStanding): Part {
  if (state !== 'never') return null;
  const reads = site.repository.graph.upstream.get(model.name) ?? [];
  const missing = reads.filter((name) => states.get(name)?.state === 'never');
  return notice('plain', [
    html`<p>Nothing has been ${model.kind === 'source' ? 'landed' : 'published'} yet. What it will need:</p>`,
    html`<ol>
      <li>its table: <code>weir migrate</code></li>
      ${
        missing.length === 0
          ? null
          : html`<li>what it reads, which was never loaded either: ${modelLinks(to, states, missing)}</li>`
      }
      ${sourceNeeds(model)}
      <li>a run of the ${model.schedule} pipeline, by its schedule or by hand:</li>
    </ol>`,
    command(
      `weir run ${model.schedule}${model.kind === 'source' || model.kind === 'view' ? '' : ` --models ${model.name}`}`,
    ),
  ]);
}

function sourceNeeds(model: AboutModel['model']): Html | null {
  if (model.kind !== 'source') return null;
  const { folder, connection } = model.settings;
  if (typeof folder === 'string') return html`<li>files in the landing folder <code>${folder}</code></li>`;
  return typeof connection === 'string'
    ? html`<li>
        the address of <code>${connection}</code> at the workers:
        <code>WEIR_SOURCE_${connection.toUpperCase()}_URL</code>
      </li>`
    : null;
}
