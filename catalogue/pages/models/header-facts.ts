import { isPublished, isSource } from '../../../models/model.ts';
import type { Model, PublishedModel } from '../../../models/model.ts';
import { deltasOf } from '../../../models/deltas.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { factList } from '../../parts/fact-list.ts';
import { numberText, shareText, spanText } from '../../parts/texts.ts';
import type { PublishedRelation } from '../../read/published-relation.ts';
import type { AboutModel } from './about-model.ts';
import { modelLinks } from '../../parts/model-links.ts';

/** What the header says of a model, what it stands between, and how large it is. */
export function headerFacts(about: AboutModel, relation: PublishedRelation | null): Html {
  const { model, site, to, states } = about;
  const upstream = site.repository.graph.upstream.get(model.name) ?? [];
  const readers = site.repository.models
    .filter(({ name }) => site.repository.graph.upstream.get(name)?.includes(model.name))
    .map(({ name }) => name);
  return html`<div class="description">${paragraphs(model.description)}</div>
    ${factList([
      ['one row is', model.grain.replace(/^one row (?:is )?/i, '')],
      ['owner', model.owner],
      ['tier', `${model.tier}${model.tier === 1 ? ', most hangs on it' : ''}`],
      ['kind', kindWords(model)],
      ['schedule', model.schedule],
      ...(isPublished(model) ? publishedFacts(model) : []),
      ...(model.timeColumn === null ? [] : [pair('event time', html`<code>${model.timeColumn}</code>`)]),
      ...sizeFacts(relation),
      ['runbook', runbook(about)],
      ['reads', isSource(model) ? 'an outer system' : modelLinks(to, states, upstream)],
      ['read by', modelLinks(to, states, readers)],
      ['graph', html`<a href="${to('graph', model.name)}">upstream and downstream of it</a>`],
    ])}`;
}

function pair(name: string, value: Part): readonly [string, Part] {
  return [name, value];
}

function paragraphs(text: string): readonly Html[] {
  return text.split(/\n\s*\n/).map((one) => html`<p>${one.replaceAll('\n', ' ')}</p>`);
}

function kindWords(model: Model): string {
  switch (model.kind) {
    case 'source':
      return `source, read by ${model.reader}`;
    case 'view':
      return 'view: readers see what it is built from';
    case 'full_refresh':
      return 'full refresh: made anew by each load';
    case 'history':
      return 'history: every version of a row';
    case 'incremental':
      return incrementalWords(model);
  }
}

function incrementalWords({ shape }: PublishedModel): string {
  const deltas = deltasOf(shape).join(', ');
  return shape.kind === 'touched'
    ? `incremental: recomputes the keys that new rows of ${deltas} touch`
    : `incremental: maps what is new in ${deltas}`;
}

function publishedFacts(model: PublishedModel): readonly (readonly [string, Part])[] {
  const { uniqueKey, freshness, partitioning, maxShrink } = model;
  return [
    pair('unique key', html`<code>${uniqueKey.join(', ')}</code>`),
    ...(freshness === null
      ? []
      : [
          pair(
            'objective',
            `at most ${spanText(freshness.objectiveSeconds)} old, ${shareText(freshness.target)} of the time`,
          ),
        ]),
    ...(partitioning === null ? [] : [pair('partitions', `by ${partitioning.by} of ${partitioning.column}`)]),
    ...(maxShrink === null ? [] : [pair('may lose at once', shareText(maxShrink))]),
  ];
}

function sizeFacts(relation: PublishedRelation | null): readonly (readonly [string, Part])[] {
  if (relation === null) return [pair('table', 'not made yet: weir migrate')];
  const { rows, bytes } = relation;
  return [
    ...(rows === null ? [] : [pair('rows', `about ${numberText(rounded(rows))}`)]),
    ...(bytes === null ? [] : [pair('size', `about ${bytesText(bytes)}`)]),
  ];
}

/** Postgres estimates: what stands behind the third digit is not known. */
function rounded(rows: number): number {
  return Number(rows.toPrecision(3));
}

/** `3.4 MB`. */
export function bytesText(bytes: number): string {
  const [unit, size] =
    bytes >= 1e9 ? (['GB', 1e9] as const) : bytes >= 1e6 ? (['MB', 1e6] as const) : (['kB', 1e3] as const);
  return `${numberText(Math.round((bytes / size) * 10) / 10)} ${unit}`;
}

function runbook({ model, site }: AboutModel): Part {
  const { runbook: path } = model;
  if (path === null) return html`<span class="none">none</span>`;
  const base = site.links.repositoryUrl;
  if (/^https?:\/\//.test(path)) return html`<a href="${path}">${path}</a>`;
  return base === null
    ? html`<code>${path}</code>`
    : html`<a href="${base.replace(/\/$/, '')}/${path}">${path}</a>`;
}
