/** A stretch of text, from `start` up to and without `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What personal data a stretch is, as the text that stands in its place says. */
export interface Finding extends Span {
  readonly kind: 'card' | 'e-mail' | 'phone';
}

/** All stretches of a text that a pattern finds. @param pattern with the flag `g`, and linear */
export function spansOf(text: string, pattern: RegExp): readonly Span[] {
  return [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
  }));
}

/** Spans in order, none of which touches one before it: of two that overlap the one stays that begins first. */
export function apart<S extends Span>(spans: readonly S[]): readonly S[] {
  let reached = 0;
  return spans
    .toSorted((one, other) => one.start - other.start || other.end - one.end)
    .filter(({ start, end }) => {
      const isFree = start >= reached;
      if (isFree) reached = end;
      return isFree;
    });
}
