import type { Example, ExpectationType, Surroundings } from '../define-expectation.ts';
import { jsonText } from '../json-text.ts';
import { code, row } from './markdown.ts';

/** One example of a kind as Markdown: the table, the expectation, and how it ends. */
export function exampleLines(kind: ExpectationType, example: Example): readonly string[] {
  const { title, columns, rows, kwargs, around = {}, success, result } = example;
  const order = around.orderBy === undefined ? {} : { meta: { weir: { order_by: around.orderBy } } };
  const told = Object.keys(result).length > 0;
  return [
    '',
    `### ${title}`,
    '',
    ...tableLines(columns, rows),
    ...aroundLines(around),
    '',
    '```json',
    jsonText({ type: kind.type, kwargs, ...order }),
    '```',
    '',
    `**${success ? 'Holds' : 'Breaks'}**${told ? ', with `result`:' : '.'}`,
    ...(told ? ['', '```json', jsonText(result), '```'] : []),
  ];
}

function aroundLines({ published, past = {} }: Surroundings): readonly string[] {
  const figures = Object.entries(past).map(([name, known]) => `${code(name)} ${known.join(', ')}`);
  return [
    ...(published === undefined
      ? []
      : [
          '',
          `Published, with a unique index on ${published.key.map(code).join(', ')}:`,
          '',
          ...tableLines(published.columns, published.rows),
        ]),
    ...(figures.length === 0
      ? []
      : ['', `In the same hour of the weeks before, the latest first: ${figures.join('; ')}.`]),
  ];
}

function tableLines(
  columns: Readonly<Record<string, string>>,
  rows: readonly (readonly (string | null)[])[],
): readonly string[] {
  const names = Object.keys(columns);
  if (names.length === 0) return ['A table without columns.'];
  return [
    row(Object.entries(columns).map(([name, type]) => `${code(name)} *${type}*`)),
    row(names.map(() => '---')),
    ...timesEach(rows.map((values) => row(values.map(valueWords)))),
    ...(rows.length === 0 ? ['', 'The table is empty.'] : []),
  ];
}

/** A row that comes again and again stands once, with how often. */
function timesEach(lines: readonly string[]): readonly string[] {
  const runs: { readonly line: string; times: number }[] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.line === line) last.times += 1;
    else runs.push({ line, times: 1 });
  }
  return runs.flatMap(({ line, times }) =>
    times < 4 ? Array.from({ length: times }, () => line) : [line.replace(/ \|$/, ` (${times} such rows) |`)],
  );
}

function valueWords(value: string | null): string {
  if (value === null) return 'NULL';
  return value === '' ? '*empty text*' : code(value);
}
