/** An expression that cannot be read or evaluated; the message says why, in words for whoever wrote it. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

/** One word or sign of an expression. */
export interface Token {
  readonly kind: 'number' | 'name' | 'text' | 'sign' | 'end';
  readonly text: string;
}

/** Walks over an expression's tokens, and refuses one that is longer or nests deeper than anybody writes. */
export interface Tokens {
  readonly peek: (ahead?: number) => Token;
  readonly next: () => Token;
  /** Takes the next token when it is one of these signs. */
  readonly accept: (...signs: readonly string[]) => string | null;
  readonly expect: (sign: string) => void;
  /** Runs `read` one level deeper. */
  readonly nested: <T>(read: () => T) => T;
  readonly refuse: (problem: string) => ExpressionError;
}

const LONGEST = 1000;
const DEEPEST = 50;
const TOKEN =
  /\s*(?:(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z][A-Za-z0-9_$]*)|(?<text>'[^']*')|(?<sign>[-+*/^(),=]))/y;

/** Cuts an expression into tokens. @throws ExpressionError where a character fits nothing */
export function readTokens(source: string): Tokens {
  if (source.length > LONGEST) throw new ExpressionError(`an expression has at most ${LONGEST} characters`);
  const tokens = cut(source);
  let at = 0;
  let depth = 0;
  const refuse = (problem: string): ExpressionError => new ExpressionError(`${problem} in \`${source}\``);
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? { kind: 'end', text: 'the end' };
  const next = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const accept = (...signs: readonly string[]): string | null =>
    peek().kind === 'sign' && signs.includes(peek().text) ? next().text : null;
  return {
    peek,
    next,
    accept,
    refuse,
    expect: (sign) => {
      if (accept(sign) === null) throw refuse(`\`${sign}\` expected before ${quoted(peek())}`);
    },
    nested: (read) => {
      depth += 1;
      if (depth > DEEPEST) throw new ExpressionError(`an expression nests at most ${DEEPEST} deep`);
      const value = read();
      depth -= 1;
      return value;
    },
  };
}

function cut(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (source.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(source)?.groups;
    if (groups === undefined) {
      throw new ExpressionError(
        `\`${source.slice(at).trim().slice(0, 12)}\` cannot be read in \`${source}\``,
      );
    }
    at = TOKEN.lastIndex;
    for (const kind of ['number', 'name', 'text', 'sign'] as const) {
      const text = groups[kind];
      if (text !== undefined) tokens.push({ kind, text });
    }
  }
  return tokens;
}

/** A token as a message shows it. */
export function quoted(token: Token): string {
  return token.kind === 'end' ? 'the end' : `\`${token.text}\``;
}
