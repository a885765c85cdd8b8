import { plain } from '../plain.ts';

/** A word of a line, in pieces of their own looks. Code is one word however many spaces it has: it is to be copied. */
export type Word = readonly Piece[];

/** Letters of one look. */
export interface Piece {
  readonly text: string;
  readonly look: Look;
}

type Look = 'text' | 'bold' | 'code';

/** How looks are painted; of a pipe, not at all. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** Code, bold and links as Weir's details write them, none within another. Nothing in it is scanned twice. */
const MARKS = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\][]+)\]\(([^()\s]+)\)/g;

/** A line of Markdown in words. */
export function wordsOf(markdown: string): readonly Word[] {
  const pieces: Piece[] = [];
  let read = 0;
  for (const found of markdown.matchAll(MARKS)) {
    const [whole, code, bold, label, href] = found;
    pieces.push({ text: markdown.slice(read, found.index), look: 'text' });
    if (code !== undefined) pieces.push({ text: code, look: 'code' });
    else if (bold !== undefined) pieces.push({ text: bold, look: 'bold' });
    else pieces.push({ text: linkText(label ?? '', href ?? ''), look: 'text' });
    read = found.index + whole.length;
  }
  pieces.push({ text: markdown.slice(read), look: 'text' });
  return glued(pieces);
}

/** A link of the UI's to a run says the run's id, which verbs take; any other where it leads. */
function linkText(label: string, href: string): string {
  const id = /^\/namespaces\/[^/]+\/workflows\/([^/]+)$/.exec(href)?.[1];
  return `${label} (${id === undefined ? href : decoded(id)})`;
}

function decoded(id: string): string {
  try {
    // Only now does what was encoded in it come to light.
    return plain(decodeURIComponent(id));
  } catch {
    return id;
  }
}

/** Pieces between which no space stands are one word. */
function glued(pieces: readonly Piece[]): readonly Word[] {
  const words: Piece[][] = [];
  let goesOn = false;
  const add = (piece: Piece): void => {
    const last = words.at(-1);
    if (goesOn && last !== undefined) last.push(piece);
    else words.push([piece]);
    goesOn = true;
  };
  for (const { text, look } of pieces) {
    if (look === 'code') add({ text, look });
    else
      for (const part of text.split(/( +)/)) {
        if (part.trim() !== '' || part.includes('\u00a0')) add({ text: part, look });
        else if (part !== '') goesOn = false;
      }
  }
  return words;
}

/** Columns that a word takes. */
export function widthOf(word: Word): number {
  return word.reduce((sum, { text }) => sum + text.length, 0);
}

/** Columns that words take on one line. */
export function lineWidth(words: readonly Word[]): number {
  return words.reduce((sum, word) => sum + widthOf(word) + 1, -1);
}

/** Words as lines no wider than given, unless a word is; none is one empty line. */
export function wrapped(words: readonly Word[], width: number): readonly (readonly Word[])[] {
  const lines: Word[][] = [];
  let taken = 0;
  for (const word of words) {
    taken += widthOf(word) + 1;
    const last = lines.at(-1);
    if (last !== undefined && taken <= width) last.push(word);
    else {
      lines.push([word]);
      taken = widthOf(word);
    }
  }
  return lines.length === 0 ? [[]] : lines;
}

/** Words as text, filled up with spaces to a width. */
export function painted(words: readonly Word[], paint: Paint, width = 0): string {
  const looks = { text: String, bold: paint.bold, code: paint.cyan };
  const text = words
    .map((word) => word.map((piece) => looks[piece.look](piece.text.replaceAll('\u00a0', ' '))).join(''))
    .join(' ');
  return text + ' '.repeat(Math.max(0, width - Math.max(0, lineWidth(words))));
}
