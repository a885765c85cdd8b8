import { sql } from 'kysely';
import { defineExpectation } from '../define-expectation.ts';
import { isList, isObject } from '../json.ts';
import type { Json } from '../json.ts';
import { ownColumns } from '../own-columns.ts';
import { CannotEvaluate } from '../scan.ts';
import type { CatalogueColumn, Sql } from '../scan.ts';
import { aboutTable } from '../table-fact.ts';

interface SchemaKwargs {
  readonly allow_new_columns?: boolean;
  readonly exact_order?: boolean;
}

type NamedType = { readonly name: string; readonly type: string };

/** Columns as a measure: they were read from the catalogue, nothing is scanned. */
function namesAndTypes(columns: readonly CatalogueColumn[]): Sql {
  const kept = columns.filter(({ name }) => !ownColumns.has(name));
  return sql`${JSON.stringify(kept.map(({ name, type }) => ({ name, type })))}::jsonb`;
}

function readColumns(measured: Json | undefined): readonly NamedType[] {
  if (!isList(measured)) return [];
  return measured
    .filter(isObject)
    .flatMap(({ name, type }) =>
      typeof name === 'string' && typeof type === 'string' ? [{ name, type }] : [],
    );
}

/** What came, went and changed. */
function compare(batch: readonly NamedType[], published: readonly NamedType[]) {
  const before = new Map(published.map(({ name, type }) => [name, type]));
  const now = new Map(batch.map(({ name, type }) => [name, type]));
  return {
    added: batch.filter(({ name }) => !before.has(name)),
    removed: published.filter(({ name }) => !now.has(name)),
    changed: batch.flatMap(({ name, type }) => {
      const was = before.get(name);
      return was === undefined || was === type ? [] : [{ name, type, published_type: was }];
    }),
    reordered:
      batch
        .filter(({ name }) => before.has(name))
        .map(({ name }) => name)
        .join('\n') !==
      published
        .filter(({ name }) => now.has(name))
        .map(({ name }) => name)
        .join('\n'),
  };
}

type Difference = ReturnType<typeof compare>;

function words({ added, removed, changed, reordered }: Difference): string {
  const named = (list: readonly { readonly name: string }[]): string =>
    list.map(({ name }) => name).join(', ');
  const parts = [
    ...(added.length === 0 ? [] : [`new: ${named(added)}`]),
    ...(removed.length === 0 ? [] : [`gone: ${named(removed)}`]),
    ...changed.map(({ name, type, published_type: was }) => `${name} is ${type}, was ${was}`),
    ...(reordered ? ['in another order'] : []),
  ];
  return parts.length === 0 ? 'the same columns' : parts.join('; ');
}

/** The batch has the columns that were last published. */
export default defineExpectation<SchemaKwargs>({
  type: 'expect_table_schema_to_match_published',
  docs: {
    promise:
      'The batch has the columns that were last published, by name and type, and no others unless allowed. Whether a column may be NULL does not count, nor its place unless asked; nor do the columns that Weir keeps for itself. Nothing published yet: there is nothing to match, and it says so.',
    empty: 'Rows do not matter.',
    nulls: 'Values do not matter.',
    source: '../decisions/005-own-promises.md',
  },
  properties: {
    allow_new_columns: { type: 'boolean', description: 'True: further columns are allowed.' },
    exact_order: {
      type: 'boolean',
      description: 'True: the columns that both have stand in the same order.',
    },
  },
  required: [],
  mostly: false,
  conditional: false,
  needs: ['published'],
  columns: () => [],
  measure: (_, scan) => {
    const { columns, isCandidate, relation } = scan.published();
    if (!isCandidate)
      throw new CannotEvaluate(
        `what is read is not of the shape of ${relation.join('.')}: ask it in the output gate`,
      );
    return {
      batch: namesAndTypes(scan.columns),
      published: columns === null ? sql`null::jsonb` : namesAndTypes(columns),
    };
  },
  judge: ({ allow_new_columns = false, exact_order = false }, measured) => {
    const batch = readColumns(measured['batch']);
    const observed_value = batch.map(({ name, type }) => ({ name, type }));
    if (measured['published'] === null)
      return {
        ...aboutTable('nothing has been published yet, so there is nothing to match'),
        success: true,
        result: { observed_value, details: { judged: false } },
      };
    const found = compare(batch, readColumns(measured['published']));
    const { added, removed, changed, reordered } = found;
    return {
      ...aboutTable(words({ ...found, reordered: reordered && exact_order })),
      success:
        (allow_new_columns || added.length === 0) &&
        removed.length === 0 &&
        changed.length === 0 &&
        !(exact_order && reordered),
      result: { observed_value, details: { judged: true, added, removed, changed, reordered } },
    };
  },
  describe: ({ allow_new_columns, exact_order }) =>
    `the columns last published${allow_new_columns === true ? ' and perhaps others' : ''}${exact_order === true ? ', in their order' : ''}`,
  examples: [
    {
      title: 'one came, one went, one has another type; Weir’s own do not count',
      columns: { id: 'integer', amount: 'numeric(12,2)', note: 'text', _position: 'bigint' },
      rows: [],
      kwargs: {},
      around: {
        published: {
          columns: { id: 'bigint', amount: 'numeric(12,2)', store_id: 'text', _xid: 'xid8' },
          rows: [],
          key: ['id'],
        },
      },
      success: false,
      result: {
        details: {
          judged: true,
          added: [{ name: 'note', type: 'text' }],
          removed: [{ name: 'store_id', type: 'text' }],
          changed: [{ name: 'id', type: 'integer', published_type: 'bigint' }],
        },
      },
    },
    {
      title: 'a new column is allowed, in any place',
      columns: { note: 'text', id: 'bigint' },
      rows: [],
      kwargs: { allow_new_columns: true },
      around: { published: { columns: { id: 'bigint' }, rows: [], key: ['id'] } },
      success: true,
      result: { details: { added: [{ name: 'note', type: 'text' }], removed: [], changed: [] } },
    },
    {
      title: 'the same columns in another order',
      columns: { b: 'text', a: 'text' },
      rows: [],
      kwargs: { exact_order: true },
      around: { published: { columns: { a: 'text', b: 'text' }, rows: [], key: ['a'] } },
      success: false,
      result: { details: { reordered: true, added: [], removed: [], changed: [] } },
    },
  ],
});
