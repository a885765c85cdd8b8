import type { Need } from '../batch-context.ts';
import type { ExpectationType } from '../define-expectation.ts';
import { isList, isObject } from '../json.ts';
import type { Json } from '../json.ts';
import type { JsonSchema } from '../json-schema.ts';
import { isOwn } from './families.ts';
import { cell, row } from './markdown.ts';
import { exampleLines } from './example-lines.ts';
import { costOf } from './probe.ts';

/** Arguments that every kind takes; the index explains them once. */
const SHARED: readonly string[] = [
  'batch_id',
  'catch_exceptions',
  'result_format',
  'row_condition',
  'condition_parser',
  'mostly',
  'id',
  'meta',
  'notes',
];

const NEEDS: Readonly<Record<Need, string>> = {
  published:
    "Looks at the published table of the gate's model; `weir validate` is told which with `--published`.",
  past: 'Looks at what the figure came to in earlier loads of the same gate.',
  order: 'Takes the rows in the order of `meta.weir.order_by`.',
};

/** The catalogue page of one kind of promise, as Markdown. */
export function typePage(kind: ExpectationType): string {
  return [
    '<!-- Made by `npm run gen` from the file linked below. Not for editing. -->',
    `# ${kind.type}`,
    '',
    kind.docs.promise,
    '',
    '| | |',
    '| --- | --- |',
    ...factsOf(kind).map(([name, said]) => `| ${name} | ${cell(said)} |`),
    '',
    '## Arguments',
    '',
    ...argumentLines(kind),
    '',
    '## Examples',
    ...kind.examples.flatMap((example) => exampleLines(kind, example)),
    '',
    `[All kinds of promises](README.md) · [source](../../expectations/types/${kind.type}.ts)`,
    '',
  ].join('\n');
}

function factsOf(kind: ExpectationType): readonly (readonly [string, string])[] {
  const { docs, properties } = kind;
  return [
    ['An empty batch', docs.empty],
    ['NULLs', docs.nulls],
    ['Failing rows', rowWords(kind)],
    ['Cost', costWords(kind)],
    ...(kind.needs.length === 0
      ? []
      : [['Beside the batch', kind.needs.map((need) => NEEDS[need]).join(' ')] as const]),
    ['`mostly`', 'mostly' in properties ? 'Taken: a share of the rows may break it.' : 'Not taken.'],
    [
      '`row_condition`',
      'row_condition' in properties
        ? 'Taken: it is asked of some rows.'
        : 'Not taken: it has no meaning here.',
    ],
    [
      'Great Expectations',
      isOwn(kind)
        ? `Has no such type: a suite with it is read by Weir alone. [Where the rule comes from](${docs.source}).`
        : `[Its own page](${docs.source}).`,
    ],
  ];
}

function rowWords({ rowLevel }: ExpectationType): string {
  return rowLevel
    ? 'Can be listed as evidence, and set aside by `on_failure: quarantine`.'
    : 'There are none: it is about the table as a whole, so nothing can be set aside.';
}

/** In words, what asking costs. */
export function costWords(kind: ExpectationType): string {
  const cost = costOf(kind);
  if (cost === null) return 'Depends on its arguments.';
  if (cost.scan && cost.query)
    return "Joins the suite's one scan, with a query beside it for what a scan cannot count.";
  if (cost.scan) return "Joins the suite's one scan.";
  return cost.query ? 'A query of its own, on the same snapshot.' : 'None: no row is read.';
}

function argumentLines({ properties, schema }: ExpectationType): readonly string[] {
  const required = isList(schema['required']) ? schema['required'] : [];
  const own = Object.entries(properties).filter(([name]) => !SHARED.includes(name));
  const lines = own.map(([name, one]) =>
    row([
      `\`${name}\``,
      isObject(one) ? typeWords(one) : 'anything',
      required.includes(name) ? 'yes' : 'no',
      isObject(one) ? plain(one['description']) : '',
    ]),
  );
  const shared = '[Arguments that every kind takes](README.md#arguments-that-every-kind-takes).';
  if (own.length === 0) return [`None of its own. ${shared}`];
  return ['| name | type | required | meaning |', '| --- | --- | --- | --- |', ...lines, '', shared];
}

/** A schema in words: `number, text or null`. */
function typeWords(schema: JsonSchema): string {
  if (isList(schema['enum'])) return schema['enum'].map((one) => `\`${JSON.stringify(one)}\``).join(', ');
  if (isList(schema['anyOf']))
    return alternatives(schema['anyOf'].map((one) => (isObject(one) ? typeWords(one) : 'anything')));
  const { type = 'anything' } = schema;
  const types = (isList(type) ? type : [type]).map((one) => nameOf(plain(one), schema));
  const limits = [
    ...(schema['minimum'] === undefined ? [] : [`from ${plain(schema['minimum'])}`]),
    ...(schema['maximum'] === undefined ? [] : [`to ${plain(schema['maximum'])}`]),
  ];
  return [alternatives(types), ...limits].join(' ');
}

function nameOf(type: string, schema: JsonSchema): string {
  const { format, items } = schema;
  if (type === 'string') return format === 'bound' || format === 'instant' ? 'time as ISO 8601' : 'text';
  if (type === 'integer') return 'whole number';
  if (type === 'array') return isObject(items) ? `list of ${typeWords(items)}` : 'list';
  return { boolean: 'true or false', null: 'null' }[type] ?? type;
}

function alternatives(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

/** Text as it is, anything else as JSON, nothing where there is none. */
function plain(json: Json | undefined): string {
  if (json === undefined) return '';
  return typeof json === 'string' ? json : JSON.stringify(json);
}
