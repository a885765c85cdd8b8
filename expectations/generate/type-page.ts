import type { Example, ExpectationType } from '../define-expectation.ts';
import { isList, isObject } from '../json.ts';
import type { Json } from '../json.ts';
import type { JsonSchema } from '../json-schema.ts';
import { isOwn } from './families.ts';
import { jsonText } from './json-text.ts';
import { costOf } from './probe.ts';

/** Arguments that every kind takes; the index explains them once. */
const SHARED: readonly string[] = [
  'batch_id',
  'catch_exceptions',
  'result_format',
  'row_condition',
  'condition_parser',
  'mostly',
];

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

function exampleLines(kind: ExpectationType, example: Example): readonly string[] {
  const { title, columns, rows, kwargs, success, result } = example;
  const names = Object.keys(columns);
  const told = Object.keys(result).length > 0;
  return [
    '',
    `### ${title}`,
    '',
    ...(names.length === 0
      ? ['A table without columns.']
      : [
          row(Object.entries(columns).map(([name, type]) => `${code(name)} *${type}*`)),
          row(names.map(() => '---')),
          ...rows.map((values) => row(values.map(valueWords))),
          ...(rows.length === 0 ? ['', 'The table is empty.'] : []),
        ]),
    '',
    '```json',
    jsonText({ type: kind.type, kwargs }),
    '```',
    '',
    `**${success ? 'Holds' : 'Breaks'}**${told ? `, with \`result\`:` : '.'}`,
    ...(told ? ['', '```json', jsonText(result), '```'] : []),
  ];
}

function valueWords(value: string | null): string {
  if (value === null) return 'NULL';
  return value === '' ? '*empty text*' : code(value);
}

/** Text as it is, whatever is in it; a backtick needs a longer fence around it. */
function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  const pad = text.startsWith('`') || text.endsWith('`') || text.trim() === '' ? ' ' : '';
  return `${fence}${pad}${text.replaceAll('|', '\\|').replaceAll('\n', '⏎')}${pad}${fence}`;
}

/** Text as it is, anything else as JSON, nothing where there is none. */
function plain(json: Json | undefined): string {
  if (json === undefined) return '';
  return typeof json === 'string' ? json : JSON.stringify(json);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

function cell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll(/(?<!\\)\|/g, '\\|');
}
