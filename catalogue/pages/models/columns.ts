import type { ColumnHeader, Model } from '../../../models/model.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { countText } from '../../parts/texts.ts';
import { columnLineage, rootsOf } from '../../read/column-lineage.ts';
import type { ColumnEnd, ColumnLineage } from '../../read/column-lineage.ts';
import type { PublishedRelation } from '../../read/published-relation.ts';
import type { AboutModel } from './about-model.ts';

/** A column of a page: as it is published, or as the file has it where nothing was published yet. */
interface ShownColumn {
  readonly name: string;
  readonly type: string | null;
  readonly header: ColumnHeader | undefined;
}

/** More models than that are folded: a key is read by everything. */
const SHOWN_RELATIONS = 4;

/** The columns of a model: what they are, what they are made of, and what is made of them. */
export function columnsSection(about: AboutModel, relation: PublishedRelation | null): Html {
  const { model, site } = about;
  const lineage = columnLineage(site.repository.graph);
  const all = shownColumns(model, lineage, relation);
  const own = all.filter((column) => !isOfWeir(column));
  const others = all.filter(isOfWeir).map(({ name }) => name);
  return section('Columns', 'columns', [
    table({
      caption:
        relation === null
          ? 'As its file has them: nothing is published yet. ƒ: computed from it'
          : `As ${model.relation} has them. ƒ: computed from it`,
      head: ['Column', 'What it is', ...(model.kind === 'source' ? [] : ['Comes from']), 'Is made into'],
      rows: own.map((column) => rowOf(about, lineage, column)),
      none: 'None is known: it names no column and its SELECT has none.',
    }),
    others.length === 0
      ? null
      : html`<p class="none">
          And what Weir keeps for itself: ${others.map((name) => html`<code id="c-${name}">${name}</code> `)}
        </p>`,
    rowsNote(about, lineage),
  ]);
}

/** As Postgres has them, and behind them what the file has and the next deploy or load will bring. */
function shownColumns(
  { columns, relation }: Model,
  lineage: ColumnLineage,
  published: PublishedRelation | null,
): readonly ShownColumn[] {
  const there = (published?.columns ?? []).map(({ name, type }) => ({ name, type, header: columns[name] }));
  const known = new Set(there.map(({ name }) => name));
  const written = lineage.columns.get(relation) ?? Object.keys(columns);
  return [
    ...there,
    ...written
      .filter((name) => !known.has(name))
      .map((name) => ({ name, type: columns[name]?.type ?? null, header: columns[name] })),
  ];
}

/** Versions and transactions, where nobody has described them. */
function isOfWeir({ name, header }: ShownColumn): boolean {
  return name.startsWith('_') && header === undefined;
}

function rowOf(about: AboutModel, lineage: ColumnLineage, column: ShownColumn): readonly Part[] {
  const { name, type, header } = column;
  const key = `${about.model.relation}.${name}`;
  return [
    html`<span id="c-${name}"
      ><code>${name}</code
      >${header?.personal === true ? html` <span class="personal">personal</span>` : null}<br /><span
        class="how"
        >${type ?? 'not published yet'}</span
      ></span
    >`,
    header === undefined ? html`<span class="none">not described</span>` : header.description,
    ...(about.model.kind === 'source'
      ? []
      : [[endsOf(about, lineage.from.get(key) ?? []), rootsNote(lineage, key)]]),
    endsOf(about, lineage.to.get(key) ?? []),
  ];
}

/** Links to other columns, by their models. */
function endsOf(about: AboutModel, ends: readonly ColumnEnd[]): Part {
  const relations = [...Map.groupBy(ends, ({ relation }) => relation)];
  if (relations.length === 0) return html`<span class="none">–</span>`;
  const rest = relations.slice(SHOWN_RELATIONS);
  return [
    listOf(about, relations.slice(0, SHOWN_RELATIONS)),
    rest.length === 0
      ? null
      : html`<details>
          <summary>${rest.length} more</summary>
          ${listOf(about, rest)}
        </details>`,
  ];
}

type Ends = readonly (readonly [string, readonly ColumnEnd[]])[];

function listOf(about: AboutModel, relations: Ends): Html {
  return html`<ul class="ends">
    ${relations.map(([relation, ends]) => html`<li>${nameOf(relation)}: ${withCommas(unique(ends).map((end) => endLink(about, end)))}</li>`)}
  </ul>`;
}

function nameOf(relation: string): string {
  return relation.split('.').at(-1) ?? relation;
}

function withCommas(parts: readonly Part[]): readonly Part[] {
  return parts.map((part, place) => (place === 0 ? part : [', ', part]));
}

/** A column that is copied and filtered by comes once. */
function unique(ends: readonly ColumnEnd[]): readonly ColumnEnd[] {
  return [
    ...new Map(
      ends.map((end) => [`${end.relation}.${end.column}.${end.column === '*' ? end.how : ''}`, end]),
    ).values(),
  ];
}

function endLink({ to, site }: AboutModel, { relation, column, how }: ColumnEnd): Part {
  const name = nameOf(relation);
  const model = site.repository.graph.byName.get(name);
  if (column === '*')
    return html`<a href="${to('models', name, 'columns')}"
      >${how === 'rows' ? 'which rows' : 'rows anew'}</a
    >`;
  const computed = how === 'computed' ? html` <abbr title="computed">ƒ</abbr>` : null;
  if (model === undefined) return html`${column}${computed}`;
  return html`<a href="${to('models', name, `c-${column}`)}">${column}</a>${computed}`;
}

/** Where it comes from in the end, when that is further away than its own sources. */
function rootsNote(lineage: ColumnLineage, key: string): Part {
  const roots = rootsOf(lineage, key).filter((root) => root !== key);
  const direct = new Set((lineage.from.get(key) ?? []).map((end) => `${end.relation}.${end.column}`));
  const far = roots.filter((root) => !direct.has(root));
  if (far.length === 0) return null;
  const shown = far.slice(0, 3).map((root) => root.split('.').slice(1).join('.'));
  return html`<span class="how"
    >in the end
    ${shown.join(', ')}${far.length > shown.length ? ` and ${countText(far.length - shown.length, 'other', 'others')}` : ''}</span
  >`;
}

/** What decides which rows there are. */
function rowsNote(about: AboutModel, lineage: ColumnLineage): Part {
  const ends = lineage.rows.get(about.model.relation) ?? [];
  if (ends.length === 0) return null;
  const [rows, touched] = [
    ends.filter(({ how }) => how === 'rows'),
    ends.filter(({ how }) => how === 'recomputed'),
  ];
  return [
    decides(about, 'Which rows there are is decided by', rows),
    decides(about, 'Rows are recomputed when these change', touched),
  ];
}

function decides(about: AboutModel, words: string, ends: readonly ColumnEnd[]): Part {
  if (ends.length === 0) return null;
  const columns = unique(ends.map((end) => ({ ...end, how: 'copied' })));
  return html`<details>
    <summary>${words}: ${countText(columns.length, 'column', 'columns')}</summary>
    ${listOf(about, [...Map.groupBy(columns, ({ relation }) => relation)])}
  </details>`;
}
