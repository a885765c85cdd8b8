import type { Finding } from './spans.ts';

/** Letters of any script; of what RFC 5322 allows beside, what people have and what no URL or assignment ends with. */
const LOCAL = /[\p{L}\p{N}\p{M}._%+'!#$*^~-]/u;
/** All that RFC 5322 allows: where nothing else stands before the `@`. */
const ODD_LOCAL = /[/=?&|{}`]/;
const DOMAIN = /[\p{L}\p{N}\p{M}.-]/u;

/** What URLs escape has been read before. */
const AT = /@/g;

/**
 * E-mail addresses. A host without a dot, and one whose end is a number (`kysely@0.29.4`), makes none. Linear: neither
 * side of an `@` has one in it.
 */
export function findEmails(text: string): readonly Finding[] {
  const found: Finding[] = [];
  let reached = 0;
  for (const { 0: at, index } of text.matchAll(AT)) {
    if (index < reached) continue;
    const start = localStart(text, index, reached);
    const end = domainEnd(text, index + at.length);
    if (start < index && end !== null) {
      found.push({ kind: 'e-mail', start, end });
      reached = end;
    } else reached = index;
  }
  return found;
}

function localStart(text: string, at: number, least: number): number {
  if (text[at - 1] === '"') {
    // `"Jo Doe"@host.tld`, at most 64 characters. @see https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1
    const opening = text.lastIndexOf('"', at - 2);
    return opening >= least && at - opening <= 66 ? opening : at;
  }
  let start = at;
  while (start > least) {
    const character = before(text, start);
    if (!LOCAL.test(character)) break;
    start -= character.length;
  }
  return start === at && start > least && ODD_LOCAL.test(text[at - 1] ?? '') ? at - 1 : start;
}

/** The character that ends at a place; a pair of surrogates is one. */
function before(text: string, end: number): string {
  const isPair = /[\uDC00-\uDFFF]/.test(text[end - 1] ?? '');
  return text.slice(Math.max(0, end - (isPair ? 2 : 1)), end);
}

/** Where a host with a dot and letters after the last one ends; null where there is none. */
function domainEnd(text: string, start: number): number | null {
  let end = start;
  while (end < text.length) {
    const character = String.fromCodePoint(text.codePointAt(end) ?? 0);
    if (!DOMAIN.test(character)) break;
    end += character.length;
  }
  let host = text.slice(start, end).replace(/^[.-]+/, '');
  while (host.endsWith('.') || host.endsWith('-')) host = host.slice(0, -1);
  const top = host.slice(host.lastIndexOf('.') + 1);
  if (!host.includes('.') || top.length < 2 || /^\d+$/.test(top)) return null;
  return start + text.slice(start, end).indexOf(host) + host.length;
}
