import { colours } from '../colours.ts';
import { plain } from '../plain.ts';
import { isRule, tableText } from './table-text.ts';
import { painted, wordsOf, wrapped, type Paint } from './words.ts';

/** Prose is not made wider than this, however wide the terminal: nobody reads longer lines. */
const PROSE = 110;

/**
 * The Markdown of Weir's own details (headings, tables, lists, code, bold, links; each line by itself) as text for a
 * terminal or a pipe. What would steer a terminal is taken out first: names and reasons are what people wrote.
 *
 * @param width columns of the terminal; left out for a pipe, where nothing is wrapped.
 */
export function markdownText(markdown: string, width = Infinity, paint: Paint = colours): string {
  const lines = plain(markdown).split('\n');
  const said: string[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    if (line.startsWith('|') && isRule(lines[at + 1])) {
      const rest = lines.slice(at);
      const end = rest.findIndex((one) => !one.startsWith('|'));
      const table = end === -1 ? rest : rest.slice(0, end);
      said.push(...tableText(table, width, paint));
      at += table.length;
    } else {
      said.push(...lineText(line.trimEnd(), width, paint));
      at += 1;
    }
  }
  return said
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

function lineText(line: string, width: number, paint: Paint): readonly string[] {
  const heading = /^#{1,6} +(.+)$/.exec(line)?.[1];
  if (heading !== undefined) {
    const title = painted(wordsOf(heading), { ...paint, bold: String, cyan: String });
    return ['', paint.bold(title), paint.dim('─'.repeat(Math.min(title.length, width))), ''];
  }
  const [indent = '', text = ''] = line.startsWith('- ') ? ['- ', line.slice(2)] : ['', line];
  const prose = width === Infinity ? width : Math.min(width, PROSE);
  return wrapped(wordsOf(text), prose - indent.length).map(
    (words, index) => `${index === 0 ? indent : ' '.repeat(indent.length)}${painted(words, paint)}`,
  );
}
