import path from 'node:path';
import { defineCommand } from 'citty';
import { connectionsOf } from '../activities/extract.ts';
import { Drifted } from '../activities/extract/files/file-format.ts';
import { findReader } from '../activities/extract/find-reader.ts';
import type { Reader } from '../activities/extract/reader.ts';
import { postgresFault } from '../activities/postgres-error.ts';
import { reconcile } from '../activities/reconcile.ts';
import { readGraph } from '../activities/repository.ts';
import { didYouMean } from '../expectations/suggestion.ts';
import { loginUrl } from '../infra/local/logins.ts';
import { hasRevisions, isSource } from '../models/model.ts';
import type { SourceModel } from '../models/model.ts';
import { openDatabase } from '../workers/databases.ts';
import { readFolders, readSourceUrls } from '../workers/settings.ts';
import { openSources } from '../workers/sources.ts';
import { answer } from './answer.ts';
import { cliDatabaseUrl } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { withProgress } from './progress.ts';
import { unreached } from './unreached.ts';
import { reconciledText } from './reconcile/text.ts';

/**
 * `weir reconcile raw_stores`: reads a source again and compares it with bronze, by day.
 * @example npm run weir -- reconcile raw_transactions --from 2017-01-01 --to 2017-02-01
 */
export default defineCommand({
  meta: {
    name: 'reconcile',
    description:
      'Read a source again and compare it with bronze: counts and checksums by day, and how days differ. Example: weir reconcile raw_transactions --from 2017-01-02 Exit codes: 0 equal, 1 differs, 3 could not compare.',
  },
  args: {
    source: { type: 'positional', required: true, description: 'a source: raw_transactions' },
    from: { type: 'string', description: 'the first day, 2017-01-02; default: all' },
    to: { type: 'string', description: 'the day behind the last one' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const [from, to] = [readDay('from', args.from), readDay('to', args.to)];
    if (from !== null && to !== null && from >= to)
      throw new Failure(`--to ${to} is not behind --from ${from}`);
    const url = cliDatabaseUrl();
    const { source, reader } = await findSource(args.source);
    const urls = readSourceUrls(process.env);
    refuseWithoutUrl(source, urls);
    const sources = openSources(urls);
    const loader = openDatabase(loginUrl(url, 'weir_loader'), 'weir reconcile', 2);
    try {
      const request = {
        source,
        reader,
        from,
        to,
        landingFolder: landingFolderOf(source),
        connection: connectionsOf(source, sources.connection),
        signal: new AbortController().signal,
      };
      const done = await withProgress(`reading ${source.name} again`, () => reconcile(loader, request)).catch(
        (error: unknown) => {
          throw failureOf(error, source);
        },
      );
      answer(args.json, done, () => reconciledText(done));
      return done.equal ? exitCodes.done : exitCodes.gateFailed;
    } finally {
      await Promise.all([loader.destroy(), sources.close()]);
    }
  }),
});

/** Told of the shell here: what the reader itself would say is about the worker. */
function refuseWithoutUrl({ file, settings }: SourceModel, urls: Readonly<Record<string, string>>): void {
  const { connection } = settings;
  if (typeof connection !== 'string' || Object.hasOwn(urls, connection)) return;
  throw new Failure(
    `${file} reads by the connection ${connection}, and WEIR_SOURCE_${connection.toUpperCase()}_URL is not set in this shell. ` +
      'Set it to the URL that the worker has, of a login that may only read.',
  );
}

function landingFolderOf(source: SourceModel): string {
  const folder = process.env['WEIR_LANDING_FOLDER'];
  if (folder === undefined && hasRevisions(source))
    throw new Failure(
      'WEIR_LANDING_FOLDER is not set. It is the folder that sources deliver files to, as the worker has it.',
    );
  return path.resolve(folder ?? '.');
}

function readDay(name: string, day: string | undefined): string | null {
  if (day === undefined) return null;
  if (/^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day))) return day;
  throw new Failure(`--${name} ${day} is not a day, such as 2017-01-02`);
}

async function findSource(name: string): Promise<{ readonly source: SourceModel; readonly reader: Reader }> {
  const graph = await readGraph(readFolders(process.env));
  const sources = graph.models.filter(isSource);
  const source = sources.find((one) => one.name === name);
  if (source === undefined) {
    const names = sources.map((one) => one.name);
    throw new Failure(`there is no source ${name}. ${didYouMean(name, names)}`.trim());
  }
  const { reader, problems } = await findReader(source);
  const [problem] = problems;
  if (reader === null || problem !== undefined)
    throw new Failure(`${source.file}: ${problem?.problem ?? 'no reader'}. ${problem?.mend ?? ''}`);
  return { source, reader };
}

function failureOf(error: unknown, source: SourceModel): unknown {
  if (error instanceof Drifted) return new Failure(`${source.name} cannot be compared: ${error.message}`);
  const { connection } = source.settings;
  const setting =
    typeof connection === 'string'
      ? `WEIR_SOURCE_${connection.toUpperCase()}_URL or DATABASE_URL`
      : undefined;
  const missed = unreached(error, setting);
  const fault = postgresFault(error);
  if (missed === null && fault === null) return error;
  const why =
    missed?.message ??
    `SQLSTATE ${fault?.sqlstate ?? ''}. Has the database been migrated (weir migrate), and may its logins read the source?`;
  return new Failure(`${source.name} cannot be compared: ${why}`);
}
