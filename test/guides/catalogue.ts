import type { PreparedGuide, PrepareGuide } from './guide.ts';

/** Nothing has happened yet: the pages are of the shipped models and suites. */
export const prepare: PrepareGuide = async ({ folder }): Promise<PreparedGuide> => ({
  varying: [
    [new RegExp(`${folder}|/srv/weir`, 'g'), 'FOLDER'],
    [/\d+ pages, [\d.]+ MB, in [\d.]+ s/g, 'SIZE'],
    [/"(pages|bytes|seconds)": [\d.]+/g, '"$1": N'],
  ],
});
