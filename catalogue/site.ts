import type { Database } from '../activities/databases.ts';
import type { Repository } from '../activities/repository.ts';
import type { Html } from './html.ts';

/** Where links out of the catalogue lead; null where that is not known, and nothing is linked then. */
export interface CatalogueLinks {
  /** The Temporal UI without a slash at its end, and the namespace of the runs. */
  readonly temporalUi: string | null;
  readonly namespace: string;
  /** The repository's files on the web, to which a path is added: `https://github.com/…/blob/main`. */
  readonly repositoryUrl: string | null;
}

/** What pages are made from: one look at everything, at one time. */
export interface Site {
  /** Reads on a login that sees no row, no result and no record (`weir_catalogue_reader`). */
  readonly database: Database;
  readonly repository: Repository;
  /** The database's clock when the look began. Every age on a page is measured from it. */
  readonly at: Date;
  /** The first part of every dedup key after `weir`. */
  readonly environment: string;
  readonly links: CatalogueLinks;
  /** Whether there is a page to link to, of a static site, which has not every verdict; left out where every page is served. */
  readonly hasPage?: (folder: PageFolder, id: string) => boolean;
}

/** The folders of the site, each a kind of page; `''` is the front page. */
export const pageFolders = ['', 'graph', 'models', 'suites', 'gates'] as const;
export type PageFolder = (typeof pageFolders)[number];

/** The address of a page of the site as seen from the one that is being written: `to('models', 'dim_stores', 'loads')`. */
export type To = (folder: PageFolder, id?: string, anchor?: string) => string;

/** One page, without its frame. */
export interface Page {
  /** Text: of the window, and of the page's `h1`. */
  readonly title: string;
  /** A sentence below the title: what the page is about, as it stands now. */
  readonly lead: Html | null;
  readonly body: Html;
}

/** A kind of page: one file of `pages/`. */
export interface PageKind {
  readonly folder: PageFolder;
  /** What the navigation says. */
  readonly name: string;
  /** The ids that a static site has, `index` among them. What is served live may know more. */
  readonly ids: (site: Site) => Promise<readonly string[]>;
  /** The page of an id; null where there is none. */
  readonly page: (site: Site, id: string, to: To) => Promise<Page | null>;
}
