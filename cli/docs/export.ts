import path from 'node:path';
import { defineCommand } from 'citty';
import { readRepository } from '../../activities/repository.ts';
import { exportDocs, type Exported } from '../../catalogue/data-docs/export-docs.ts';
import { NotAnExport } from '../../catalogue/data-docs/export-folder.ts';
import { PROJECT, storeFolders } from '../../catalogue/data-docs/store-paths.ts';
import { grouped } from '../../expectations/measured.ts';
import { nearMiss } from '../../expectations/suggestion.ts';
import { answer } from '../answer.ts';
import { cliFolders, withDatabase } from '../connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { refuseUnmigrated } from '../migrated.ts';
import { withProgress } from '../progress.ts';
import { readSince } from '../runs/visibility-query.ts';

/** `weir docs export`: suites and results, for Great Expectations' own data docs. */
export default defineCommand({
  meta: {
    name: 'export',
    description:
      'Write suites and results as a project of Great Expectations, whose own data docs open them. Without values of rows. What an earlier export left there and this one does not write is removed. Example: weir docs export data-docs Exit codes: 0 done, 3 could not run.',
  },
  args: {
    folder: { type: 'positional', required: true, description: 'where to; it need not be there' },
    since: { type: 'string', default: '24h', description: 'results from then on: 24h, 7d, or a moment' },
    suite: { type: 'string', description: 'only this suite; default: all' },
    limit: { type: 'string', default: '1000', description: 'how many results at most, the newest first' },
    values: {
      type: 'boolean',
      description: 'leave values of rows in the results; think of who reads the folder',
    },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const since = readSince(args.since, new Date()) ?? '';
    const limit = readLimit(args.limit);
    const repository = await readRepository(cliFolders());
    const suite = knownSuite(args.suite, [...repository.suites.keys()]);
    const options = { since, limit, suite, repository, values: args.values === true };
    const folder = path.resolve(args.folder);
    // Values leave by this login alone, whoever types it: it sees results and changes nothing.
    const exported = await withDatabase(
      'weir docs export',
      async (database) => {
        await refuseUnmigrated(database);
        return await withProgress('writing results', () =>
          exportDocs({ ...options, database, folder }),
        ).catch(refused);
      },
      'weir_result_reader',
    );
    if (exported.values) process.stderr.write(warning(exported.folder));
    answer(args.json, exported, () => exportedText(exported));
    return exitCodes.done;
  }),
});

function readLimit(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Failure(`--limit ${text} is no number from 1 to 999999`);
}

function knownSuite(suite: string | undefined, suites: readonly string[]): string | null {
  if (suite === undefined) return null;
  if (suites.includes(suite)) return suite;
  const said = [`there is no suite ${suite}; there are ${suites.join(', ')}.`, nearMiss(suite, suites)];
  throw new Failure(said.filter(Boolean).join(' '));
}

function refused(error: unknown): never {
  if (error instanceof NotAnExport) throw new Failure(error.message);
  throw error;
}

function warning(folder: string): string {
  return `values of rows are in ${path.join(folder, storeFolders.results)}, readable by you alone. Weir removes its own after 30 days: remove these, and the pages made of them, yourself.\n`;
}

function exportedText({ folder, suites, results, leftOut, removed, values }: Exported): string {
  const more = leftOut === 0 ? '' : `; ${counted(leftOut, 'older one')} left out: --limit takes more`;
  const gone = removed === 0 ? [] : [`${grouped(removed)} files of an earlier export removed`];
  return [
    `${counted(suites, 'suite')} in ${path.join(folder, storeFolders.suites)}`,
    `${counted(results, 'result')}, ${values ? 'values of rows included' : 'no values of rows'}, in ${path.join(folder, storeFolders.results)}${more}`,
    ...gone,
    '',
    `Great Expectations 1.x builds its data docs of ${path.join(folder, PROJECT)} so:`,
    '',
    'import great_expectations as gx',
    `context = gx.get_context(mode="file", project_root_dir=${JSON.stringify(folder)})`,
    'context.build_data_docs()',
    'context.open_data_docs()',
    '',
  ].join('\n');
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
}
