import type { Json } from './notifier.ts';

type Details = Readonly<Record<string, Json>>;

/** Text cut to a length in UTF-16 units (never longer than in characters), ending in `…` where it was cut. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = text.slice(0, length - 1);
  // Half of a pair of surrogates is no character.
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

/**
 * Details cut to a size in bytes of JSON, with a notice under `cut`: long texts and lists lose their tails first,
 * then whole entries go, the last first. A page that says less beats a page that is refused.
 */
export function cutDetails(details: Details, limitBytes: number): Details {
  const size = bytes(details);
  if (size <= limitBytes) return details;
  const notice = `Cut from ${size.toLocaleString('en-US')} bytes to fit this page: the whole stands with the run.`;
  for (const [text, items] of [
    [4_000, 100],
    [1_000, 30],
    [300, 10],
    [100, 5],
  ] as const) {
    const shorter = { cut: notice, ...shortenEntries(details, text, items) };
    if (bytes(shorter) <= limitBytes) return shorter;
  }
  const kept: Record<string, Json> = { cut: notice };
  for (const [name, value] of Object.entries(shortenEntries(details, 100, 5))) {
    if (bytes({ ...kept, [name]: value }) > limitBytes) break;
    kept[name] = value;
  }
  return kept;
}

function shortenEntries(details: Details, text: number, items: number): Details {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, shorten(value, text, items)]),
  );
}

function shorten(value: Json, text: number, items: number): Json {
  if (typeof value === 'string') return cutText(value, text);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) {
    const kept = value.slice(0, items).map((item) => shorten(item, text, items));
    return value.length > items ? [...kept, `… and ${value.length - items} more`] : kept;
  }
  return shortenEntries(value, text, items);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function bytes(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}
