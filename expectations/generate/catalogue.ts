import type { ExpectationType } from '../define-expectation.ts';
import { byFamily } from './families.ts';
import { typePage } from './type-page.ts';

/** The catalogue of promises by file name: a page a kind, and `README.md` as their index. */
export function cataloguePages(
  types: Readonly<Record<string, ExpectationType>>,
): Readonly<Record<string, string>> {
  const kinds = Object.values(types);
  return {
    'README.md': indexPage(kinds),
    ...Object.fromEntries(kinds.map((kind) => [`${kind.type}.md`, typePage(kind)])),
  };
}

function indexPage(kinds: readonly ExpectationType[]): string {
  const families = byFamily(kinds);
  return [
    '<!-- Made by `npm run gen` from the files of expectations/types. Not for editing. -->',
    '# The catalogue of promises',
    '',
    `${kinds.length} kinds, a page each. [How to write a suite](../guides/promises.md), [how it is read and asked](../../expectations/README.md), [where Weir and Great Expectations differ](../conformance.md).`,
    '',
    ...families.map(([{ title }, members]) => `- [${title}](#${anchor(title)}) (${members.length})`),
    '- [Arguments that every kind takes](#arguments-that-every-kind-takes)',
    ...families.flatMap(([{ title, about }, members]) => [
      '',
      `## ${title}`,
      '',
      about,
      '',
      '| kind | promise |',
      '| --- | --- |',
      ...members.map(
        ({ type, docs }) => `| [${type}](${type}.md) | ${docs.promise.replaceAll('|', '\\|')} |`,
      ),
    ]),
    '',
    ...sharedArguments,
  ].join('\n');
}

/** As git hosts make them. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

const sharedArguments: readonly string[] = [
  '## Arguments that every kind takes',
  '',
  '| name | meaning |',
  '| --- | --- |',
  '| `mostly` | Share of the rows, 0 to 1, that must hold it; 1 where nothing is said. Kinds about single rows take it. |',
  '| `row_condition` | Rows it is asked of: `{"type": "comparison", "column": {"name": "status"}, "operator": "==", "parameter": "paid"}`, `{"type": "nullity", "column": {"name": "status"}, "is_null": false}`, several of them under `{"type": "and", "conditions": […]}` or `or`, or the older text `col("qty") > 1` with `"condition_parser": "great_expectations"`. Kinds about the table\'s columns, and SQL of your own, take none. |',
  '| `result_format` | How much the result tells: `BOOLEAN_ONLY`, `BASIC`, `SUMMARY` (by default), `COMPLETE`, or an object with `unexpected_index_column_names` and more. |',
  '| `batch_id`, `catch_exceptions`, `id`, `meta`, `notes` | Left by Great Expectations; they change nothing. |',
  '',
  'An argument other than `column`, `column_list`, `row_condition` and `result_format` may be a parameter: `{"$PARAMETER": "now() - timedelta(minutes=lag)"}`.',
  '',
];
