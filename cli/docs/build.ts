import path from 'node:path';
import { defineCommand } from 'citty';
import { buildSite } from '../../catalogue/build.ts';
import type { Built } from '../../catalogue/build.ts';
import { FolderRefused } from '../../catalogue/build/into-place.ts';
import { countText } from '../../catalogue/parts/texts.ts';
import { answer } from '../answer.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { withProgress } from '../progress.ts';
import { withFiles } from '../selecting.ts';
import { withCatalogue } from './with-catalogue.ts';

/** Pages at once: Postgres and the templates take turns, so a few keep both busy. */
const AT_ONCE = 4;

/** `weir docs build`: the catalogue as files. */
export default defineCommand({
  meta: {
    name: 'build',
    description:
      'Write the catalogue as a static site: files that open from a disk and from any web server. All pages are of one moment; a site that stands there is exchanged when the new one is complete. Example: weir docs build site Exit codes: 0 done, 3 could not run, or the folder holds something else.',
  },
  args: {
    folder: {
      type: 'positional',
      required: true,
      description: 'where to: a new or empty folder, or one of an earlier build',
    },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const { folder } = args;
    const built = await withFiles(() =>
      withCatalogue('weir docs build', AT_ONCE, (source) =>
        withProgress('making pages', () => buildSite({ source, folder, atOnce: AT_ONCE })),
      ),
    ).catch((error: unknown) => {
      throw error instanceof FolderRefused ? new Failure(error.message) : error;
    });
    answer(args.json, built, () => builtText(folder, built));
    return exitCodes.done;
  }),
});

function builtText(folder: string, { pages, bytes, seconds }: Built): string {
  const size = (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1);
  return `${countText(pages, 'page', 'pages')}, ${size} MB, in ${seconds.toFixed(1)} s. Open ${path.join(folder, 'index.html')}\n`;
}
