import { quoted, readTokens } from './expression-tokens.ts';
import type { Tokens } from './expression-tokens.ts';

/**
 * The small language of `{"$PARAMETER": "…"}`: Great Expectations' expressions, and SQL's `interval '5 minutes'`.
 * Nothing of it reaches SQL: an expression becomes a value, and the value is bound.
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'interval'; readonly text: string }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly positional: readonly Expression[];
      readonly named: readonly Named[];
    };

export type Operator = '+' | '-' | '*' | '/' | '^';

/** One keyword argument: `minutes=5`. */
export interface Named {
  readonly name: string;
  readonly value: Expression;
}

/**
 * Reads an expression: numbers, names of parameters, `+ - * / ^` (`^` binds to the right), parentheses, calls with
 * positional or keyword arguments, and `interval '5 minutes'`.
 *
 * @throws ExpressionError
 */
export function parseExpression(source: string): Expression {
  const tokens = readTokens(source);
  const expression = sum(tokens);
  if (tokens.peek().kind !== 'end') throw tokens.refuse(`${quoted(tokens.peek())} is not expected`);
  return expression;
}

function sum(tokens: Tokens): Expression {
  return tokens.nested(() => {
    let left = product(tokens);
    for (let sign = tokens.accept('+', '-'); sign !== null; sign = tokens.accept('+', '-')) {
      left = { kind: 'binary', operator: sign === '+' ? '+' : '-', left, right: product(tokens) };
    }
    return left;
  });
}

function product(tokens: Tokens): Expression {
  let left = unary(tokens);
  for (let sign = tokens.accept('*', '/'); sign !== null; sign = tokens.accept('*', '/')) {
    left = { kind: 'binary', operator: sign === '*' ? '*' : '/', left, right: unary(tokens) };
  }
  return left;
}

function unary(tokens: Tokens): Expression {
  let negated = false;
  while (tokens.accept('-') !== null) negated = !negated;
  const operand = power(tokens);
  return negated ? { kind: 'negate', operand } : operand;
}

function power(tokens: Tokens): Expression {
  const left = atom(tokens);
  if (tokens.accept('^') === null) return left;
  return { kind: 'binary', operator: '^', left, right: tokens.nested(() => unary(tokens)) };
}

function atom(tokens: Tokens): Expression {
  if (tokens.accept('(') !== null) {
    const inner = sum(tokens);
    tokens.expect(')');
    return inner;
  }
  const token = tokens.next();
  if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
  if (token.kind !== 'name') throw tokens.refuse(`a value expected before ${quoted(token)}`);
  if (token.text.toLowerCase() === 'interval' && tokens.peek().kind === 'text') {
    return { kind: 'interval', text: tokens.next().text.slice(1, -1) };
  }
  return tokens.accept('(') === null ? { kind: 'name', name: token.text } : call(tokens, token.text);
}

function call(tokens: Tokens, name: string): Expression {
  const positional: Expression[] = [];
  const named: Named[] = [];
  while (tokens.accept(')') === null) {
    if (positional.length + named.length > 0) tokens.expect(',');
    if (tokens.peek().kind === 'name' && tokens.peek(1).text === '=') {
      const argument = tokens.next().text;
      tokens.expect('=');
      named.push({ name: argument, value: sum(tokens) });
    } else {
      positional.push(sum(tokens));
    }
  }
  if (positional.length > 0 && named.length > 0) {
    throw tokens.refuse(`${name}(…) takes arguments by place or by name, not both,`);
  }
  return { kind: 'call', name, positional, named };
}

/** The names of parameters that an expression needs; `now`, `PI` and `E` are known without. */
export function namesIn(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'number':
    case 'interval':
      return [];
    case 'name':
      return isBuiltIn(expression.name) ? [] : [expression.name];
    case 'negate':
      return namesIn(expression.operand);
    case 'binary':
      return [...namesIn(expression.left), ...namesIn(expression.right)];
    case 'call':
      return [...expression.positional, ...expression.named.map(({ value }) => value)].flatMap(namesIn);
  }
}

/** The names of functions that an expression calls. */
export function callsIn(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'number':
    case 'interval':
    case 'name':
      return [];
    case 'negate':
      return callsIn(expression.operand);
    case 'binary':
      return [...callsIn(expression.left), ...callsIn(expression.right)];
    case 'call':
      return [
        expression.name,
        ...[...expression.positional, ...expression.named.map(({ value }) => value)].flatMap(callsIn),
      ];
  }
}

/** `PI`, `E` in any case, and `now` also without parentheses. */
export function isBuiltIn(name: string): boolean {
  return ['pi', 'e'].includes(name.toLowerCase()) || name === 'now';
}
