import { isPublished } from '../../../models/model.ts';
import type { Model } from '../../../models/model.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { command } from '../../parts/command.ts';
import { notice } from '../../parts/notice.ts';
import type { PublishedRelation } from '../../read/published-relation.ts';
import type { AboutModel } from './about-model.ts';
import { modelLinks } from '../../parts/model-links.ts';

/** What a model that was never loaded, or a source that nothing came from, will need first. */
export function needsNotice(about: AboutModel, relation: PublishedRelation | null): Part {
  const { model, states, site, to } = about;
  const never = (name: string): boolean => states.get(name)?.state === 'never';
  const reads = (site.repository.graph.upstream.get(model.name) ?? []).filter(never);
  const asked = askedByGates(about).filter((name) => never(name) && !reads.includes(name));
  return notice('plain', [
    html`<p>
      Nothing has ${model.kind === 'source' ? 'arrived' : 'been published'} yet. What it will need:
    </p>`,
    html`<ol>
      ${relation === null ? html`<li>its ${model.kind === 'view' ? 'view' : 'table'}: <code>weir migrate</code></li>` : null}
      ${reads.length === 0 ? null : html`<li>what it reads, which was never loaded either: ${modelLinks(to, states, reads)}</li>`}
      ${asked.length === 0 ? null : html`<li>what its gates ask for their parameters, which was never loaded either: ${modelLinks(to, states, asked)}</li>`}
      ${sourceNeeds(model)}
      <li>a run of the ${model.schedule} pipeline, by its schedule or by hand:</li>
    </ol>`,
    command(`npm run weir -- run ${model.schedule}${isPublished(model) ? ` --models ${model.name}` : ''}`),
  ]);
}

/** The models that queries of its gates' parameters name: without rows there the gate cannot be asked. */
function askedByGates({ model, site }: AboutModel): readonly string[] {
  if (!isPublished(model)) return [];
  const queries = [model.gates.input, model.gates.output].flatMap((gate) =>
    Object.values(gate?.parameters ?? {}).flatMap((one) =>
      typeof one === 'object' && one !== null && 'query' in one ? [one.query] : [],
    ),
  );
  return site.repository.models
    .filter(({ relation }) => queries.some((query) => query.includes(relation)))
    .map(({ name }) => name);
}

function sourceNeeds(model: Model): Html | null {
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
