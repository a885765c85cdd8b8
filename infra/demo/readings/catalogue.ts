/** What a visitor has of a page, or of a part of it. */
export interface Seen {
  /** Words and blanks. */
  readonly text: string;
  readonly links: readonly { readonly text: string; readonly path: string }[];
}

/** A page of the catalogue. */
export interface CataloguePage extends Seen {
  /** By anchor. */
  readonly sections: Readonly<Record<string, Seen>>;
}

/**
 * A page of the catalogue as a visitor has it.
 *
 * @param url of the catalogue, without a slash at its end.
 * @param path of the page: `/index.html`.
 * @throws Error for any other answer than 200.
 */
export async function visit(url: string, path: string): Promise<CataloguePage> {
  const address = new URL(path, url);
  const answer = await fetch(address, { signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  if (answer.status !== 200)
    throw new Error(`GET ${address.href} answered ${answer.status}: ${wordsOf(text).slice(0, 200)}`);
  return readPage(text, address);
}

/** A page from its markup: the catalogue's own, so no parser has to forgive anything. */
export function readPage(markup: string, address: URL): CataloguePage {
  const main = /<main[^>]*>(.*)<\/main>/s.exec(markup)?.[1] ?? '';
  const sections = main.split(/<section [^>]*?id="/).slice(1);
  return {
    ...seenIn(main, address),
    sections: Object.fromEntries(
      sections.map((part) => [
        part.slice(0, part.indexOf('"')),
        seenIn(part.slice(part.indexOf('>') + 1), address),
      ]),
    ),
  };
}

function seenIn(markup: string, address: URL): Seen {
  const links = [...markup.matchAll(/<a [^>]*?href="([^"]*)"[^>]*>(.*?)<\/a>/gs)];
  return {
    text: wordsOf(markup),
    links: links.map(([, href = '', words = '']) => ({
      text: wordsOf(words),
      path: new URL(decoded(href), address).pathname,
    })),
  };
}

function wordsOf(markup: string): string {
  return decoded(markup.replaceAll(/<[^>]*>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ (?=[.,;:])/g, '')
    .trim();
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

function decoded(text: string): string {
  return text.replaceAll(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
