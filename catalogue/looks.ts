import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** A file that every page links to. */
export interface Look {
  /** Its name at the site's root. */
  readonly file: string;
  readonly type: string;
  readonly text: string;
}

const FILES = [
  ['style.css', 'text/css; charset=utf-8'],
  ['site.js', 'text/javascript; charset=utf-8'],
] as const;

/** The style and the script. The site works without the script, and looks plain without the style. */
export async function looks(): Promise<readonly Look[]> {
  return await Promise.all(
    FILES.map(async ([file, type]) => ({
      file,
      type,
      text: await readFile(path.join(import.meta.dirname, 'looks', file), 'utf8'),
    })),
  );
}
