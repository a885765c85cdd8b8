import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { serveCatalogue } from '../../catalogue/serve.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { openDatabase } from '../../workers/databases.ts';
import { median } from '../gates/ratios.ts';
import type { DocsBenchOptions } from './options.ts';
import { measurePeer } from './peer.ts';
import type { Figure, Measured } from './rows.ts';
import { openDocsSite, type DocsSite } from './site.ts';
import { weir } from './weir.ts';

/** The options, and where everything is kept. */
export interface MeasureOptions extends Omit<DocsBenchOptions, 'home' | 'json' | 'help'> {
  readonly home: string;
  readonly onProgress: (line: string) => void;
}

/** A page is asked for so often, others in between; its first time is among them. */
const ROUNDS = 3;

/** Measures what was asked for, one after the other; a part that breaks stops no other. */
export async function measure(measured: Measured, options: MeasureOptions): Promise<void> {
  const home = resolve(options.home, 'bench-docs');
  const site = await openDocsSite(home, options, options.onProgress);
  measured.evaluations = site.evaluations;
  const out = join(home, 'site');
  const work = {
    built: async () => (measured.site = await measureBuilt(site, out)),
    served: async () => (measured.served = await measureServed(site, await pagesIn(out))),
    peer: async () => (measured.peer = await measurePeer(site, options)),
  };
  try {
    for (const [part, run] of Object.entries(work)) {
      if (![...options.parts].some((one) => one === part)) continue;
      options.onProgress(part);
      await run().catch((error: unknown) =>
        measured.missing.push(`${part}: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  } finally {
    await site.close();
  }
}

/** `weir docs build` as a process of its own, its start among the seconds. */
async function measureBuilt(site: DocsSite, folder: string): Promise<Measured['site']> {
  await rm(folder, { recursive: true, force: true });
  const began = performance.now();
  await weir(['docs', 'build', folder], site);
  const seconds = (performance.now() - began) / 1000;
  const pages = await pagesIn(folder);
  const weights: Figure[] = [];
  for (const page of pages) {
    const packed = await promisify(gzip)(await readFile(join(folder, page)));
    weights.push({ page, value: packed.byteLength });
  }
  return { seconds, pages: pages.length, weights };
}

/** @throws Error where nothing has been built. */
async function pagesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.html')).toSorted();
}

/** Every page of the static site, one after the other, and again: whoever opens one waits for it alone. */
async function measureServed(
  { url, folders }: DocsSite,
  pages: readonly string[],
): Promise<readonly Figure[]> {
  const database = openDatabase(loginUrl(url, 'weir_catalogue_reader'), 'weir bench', 4);
  const links = { temporalUi: null, namespace: 'default', repositoryUrl: null };
  const served = await serveCatalogue({
    source: { database, folders, environment: 'development', links },
    port: 0,
  });
  const times = new Map<string, number[]>();
  try {
    for (let round = 0; round < ROUNDS; round += 1)
      for (const page of pages) {
        const began = performance.now();
        const response = await fetch(`${served.url}/${page}`);
        await response.arrayBuffer();
        if (!response.ok) throw new Error(`${page} answered ${response.status}`);
        times.set(page, [...(times.get(page) ?? []), performance.now() - began]);
      }
  } finally {
    await served.close();
    await database.destroy();
  }
  return [...times].map(([page, each]) => ({ page, value: median(each) ?? 0 }));
}
