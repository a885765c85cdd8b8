import { sql } from 'kysely';
import type { Json } from './json.ts';
import { CannotEvaluate } from './scan.ts';
import type { Sql } from './scan.ts';

/** A query that a suite brings: text of one SELECT, and null where the batch stands. */
export type CustomQuery = readonly (string | null)[];

/** What is wrong with a query that a suite brings, in words. */
export interface QueryProblem {
  readonly problem: string;
}

/**
 * Functions that reach beyond reading: they change the session, run text as SQL, take locks, signal others or touch
 * files. The login that asks may not do most of it anyway; this keeps one expectation from changing what others see.
 */
const FORBIDDEN =
  /^(set_config|nextval|setval|pg_notify|ts_stat|ts_rewrite|(query|cursor|table|schema|database)_to_xml.*|dblink.*|lo_.*|pg_(try_)?advisory.*|pg_(terminate|cancel)_backend|pg_(reload|rotate|read|ls|stat_file|switch|logical|replication|create|drop|promote|wal|backup|export).*)$/;

/** One token at the place asked for, the longest that fits; what follows a quote that does not end is none. */
const TOKENS: readonly (readonly [
  kind: 'space' | 'quoted' | 'name' | 'refused' | 'mark',
  pattern: RegExp,
])[] = [
  ['space', /(?:\s+|--[^\n\r]*)/y],
  ['refused', /[uU]&['"]/y],
  ['quoted', /[eE]'(?:[^'\\]|''|\\[\s\S])*'/y],
  ['refused', /[eE]'/y],
  ['quoted', /'(?:[^']|'')*'/y],
  ['name', /"(?:[^"]|"")+"/y],
  ['quoted', /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$/y],
  ['refused', /['"$\\]/y],
  ['name', /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y],
  ['mark', /[\s\S]/y],
];

/**
 * Reads a query that a suite brings: one SELECT, with `{batch}` where the batch stands and `{{`, `}}` for braces.
 * It can only ever stand in brackets as part of another SELECT, where Postgres takes no statement that writes; so all
 * that is checked is that it does not close those brackets, nor begin another statement, nor call what is forbidden.
 */
export function readCustomQuery(text: string): CustomQuery | QueryProblem {
  const parts = splitTemplate(text);
  if (parts === null)
    return { problem: 'a brace is neither {batch} nor doubled: write {{ and }} for plain braces' };
  const state: State = { depth: 0, ended: false, begun: false, text: false };
  const query: (string | null)[] = [];
  for (const part of parts) {
    if (part === null) {
      if (state.ended) return { problem: 'there is more than one statement' };
      query.push(null);
      state.text = false;
      continue;
    }
    const read = readPart(part, state);
    if (typeof read !== 'string') return read;
    query.push(read);
  }
  if (!state.begun) return { problem: 'there is no query' };
  if (state.depth !== 0) return { problem: 'a bracket is not closed' };
  return query;
}

/** What is wrong with an argument that is a query; nothing where it is no text, which its schema says. */
export function queryProblems(argument: string, text: Json | undefined): readonly string[] {
  const read = typeof text === 'string' ? readCustomQuery(text) : [];
  return 'problem' in read ? [`\`${argument}\`: ${read.problem}`] : [];
}

/** An argument that is a query. @throws CannotEvaluate for what {@link queryProblems} names */
export function queryOf(text: string): CustomQuery {
  const read = readCustomQuery(text);
  if ('problem' in read) throw new CannotEvaluate(read.problem);
  return read;
}

/** The query as SQL in brackets. Each part of text begins and ends outside of any quote. */
export function customQuery(query: CustomQuery, batch: Sql): Sql {
  // oxlint-disable-next-line no-restricted-properties -- SQL that a suite brings, read by readCustomQuery, for the login that may only read.
  const parts = query.map((part) => (part === null ? sql` ${batch} ` : sql.raw(part)));
  // A line of its own: the text may end in a comment.
  return sql`(${sql.join(parts, sql``)}\n)`;
}

interface State {
  depth: number;
  ended: boolean;
  begun: boolean;
  /** Whether the last token was text in quotes. */
  text: boolean;
}

/** Text and, as null, places of the batch. Null for a brace that is neither doubled nor of `{batch}`. */
function splitTemplate(text: string): CustomQuery | null {
  const pieces = text.match(/\{batch\}|\{\{|\}\}|[^{}]+|[{}]/g) ?? [];
  const parts: (string | null)[] = [''];
  for (const piece of pieces) {
    if (piece === '{' || piece === '}') return null;
    if (piece === '{batch}') parts.push(null, '');
    else parts.push(`${parts.pop() ?? ''}${piece === '{{' || piece === '}}' ? piece.slice(1) : piece}`);
  }
  return parts;
}

function readPart(text: string, state: State): string | QueryProblem {
  let read = '';
  let place = 0;
  while (place < text.length) {
    const comment = endOfComment(text, place);
    if (comment === null) return { problem: 'a comment does not end' };
    if (comment > place) {
      place = comment;
      read += ' ';
      continue;
    }
    const { kind, token } = tokenAt(text, place);
    place += token.length;
    const problem = kind === 'space' ? null : problemOf(kind, token, state);
    if (problem !== null) return { problem };
    read += kind === 'mark' && token === ';' ? '' : token;
  }
  return read;
}

/** Where a comment that begins here ends (they nest), or the same place; null when it does not end. */
function endOfComment(text: string, from: number): number | null {
  if (!text.startsWith('/*', from)) return from;
  let depth = 0;
  for (let place = from; place < text.length;) {
    const two = text.slice(place, place + 2);
    depth += two === '/*' ? 1 : two === '*/' ? -1 : 0;
    place += two === '/*' || two === '*/' ? 2 : 1;
    if (depth === 0) return place;
  }
  return null;
}

function tokenAt(
  text: string,
  place: number,
): { readonly kind: (typeof TOKENS)[number][0]; readonly token: string } {
  for (const [kind, pattern] of TOKENS) {
    pattern.lastIndex = place;
    const token = pattern.exec(text)?.[0];
    if (token !== undefined) return { kind, token };
  }
  return { kind: 'refused', token: text.slice(place) };
}

function problemOf(kind: (typeof TOKENS)[number][0], token: string, state: State): string | null {
  if (kind === 'refused')
    return `${token.slice(0, 3)} is not taken here: a quote that does not end, or a placeholder`;
  const text = kind === 'quoted' && !token.startsWith('$');
  // Postgres reads the second as a continuation of the first, with the first one's rules for backslashes.
  if (text && state.text) return 'two texts in quotes stand beside each other';
  state.text = text;
  if (token === ';') {
    if (state.depth > 0) return 'there is a semicolon inside brackets';
    state.ended = true;
    return null;
  }
  if (state.ended) return 'there is more than one statement';
  if (!state.begun && !/^(select|with|values|table|\()$/i.test(token)) return 'it is no SELECT';
  state.begun = true;
  if (token === '(') state.depth += 1;
  if (token === ')') state.depth -= 1;
  if (state.depth < 0) return 'a bracket is closed that was not opened';
  const name = token.replace(/^"|"$/g, '').replaceAll('""', '"').toLowerCase();
  return kind === 'name' && FORBIDDEN.test(name) ? `${name} may not be called from a suite` : null;
}
