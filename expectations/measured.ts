import { isList } from './json.ts';
import type { Json } from './json.ts';
import type { Measured } from './define-expectation.ts';

/** A count that came back; Postgres's `int8` is a number where it is safe, and text where it is not. */
export function countOf(measured: Measured, name: string): number {
  return Number(measured[name] ?? 0);
}

/** A count as people read it: `12,345`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A value of an aggregate in a sentence, cut where it would fill a page. */
export function shown(value: Json | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (isList(value)) return `${grouped(value.length)} values`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
