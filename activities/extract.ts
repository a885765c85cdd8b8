import { ApplicationFailure } from '@temporalio/activity';
import { isSource } from '../models/model.ts';
import type { SourceModel } from '../models/model.ts';
import { ensurePartitions } from './bronze-partitions.ts';
import type { Database, Databases } from './databases.ts';
import { findReader } from './extract/find-reader.ts';
import type { Extracted } from './extract/reader.ts';
import { withHeartbeat } from './heartbeat.ts';
import { withoutValues } from './postgres-error.ts';
import { noteRead } from './note-read.ts';
import { readValidGraph } from './published-model.ts';
import type { RepositoryFolders } from './repository.ts';
import type { RunRef } from './run-ref.ts';
import { noteDrift } from './source-drift.ts';

export interface ExtractDeps {
  readonly databases: Pick<Databases, 'loader'>;
  readonly folders: RepositoryFolders;
  /** The folder that source files are delivered to, absolute. */
  readonly landingFolder: string;
  /** Pools on sources' own databases by the name of their connection, null where none is set; none when left out. */
  readonly sourceDatabase?: (name: string) => Database | null;
}

export interface ExtractInput {
  /** Name of a source model: `raw_transactions`. */
  readonly source: string;
  readonly run: RunRef;
}

/** Makes the activity that lands what a source has and bronze has not, exactly once. */
export function createExtract({ databases, folders, landingFolder, sourceDatabase }: ExtractDeps) {
  const { loader } = databases;
  return {
    /** @throws ApplicationFailure `InvalidModel` or `InvalidInput` (not retryable); `PostgresError` (retryable). */
    extract: async (input: ExtractInput): Promise<Extracted & { readonly source: string }> => {
      const source = await readSource(folders, input.source);
      const { reader, problems } = await findReader(source);
      const [problem] = problems;
      if (reader === null || problem !== undefined) {
        throw invalid(`${source.file}: ${problem?.problem ?? 'no reader'}. ${problem?.mend ?? ''}`);
      }
      const extracted = await withoutValues(`extract ${source.name}`, () =>
        withHeartbeat(async (signal) => {
          // Before midnight too: a transaction that begins then belongs to the next day.
          await ensurePartitions(databases.loader, source.name, 1);
          const connection = connectionsOf(source, sourceDatabase);
          const done = await reader.extract({
            source,
            loader,
            connection,
            landingFolder,
            run: input.run,
            signal,
          });
          await noteDrift(loader, source.name, done.drift ?? [], input.run.workflowId);
          await noteRead(loader, source.name, done);
          return done;
        }),
      );
      return { source: source.name, ...extracted };
    },
  };
}

/** What a reader asks for its connection. */
export function connectionsOf(
  source: SourceModel,
  sourceDatabase: ExtractDeps['sourceDatabase'],
): (name: string) => Database {
  return (name) => {
    const found = sourceDatabase?.(name) ?? null;
    if (found !== null) return found;
    throw ApplicationFailure.nonRetryable(
      `${source.file} reads by the connection ${name}, and WEIR_SOURCE_${name.toUpperCase()}_URL is not set where this runs. ` +
        'Set it to the URL of that database, for a login that may only read, and start the worker again.',
      'InvalidInput',
    );
  };
}

async function readSource(folders: RepositoryFolders, name: string): Promise<SourceModel> {
  const graph = await readValidGraph(folders);
  const model = graph.byName.get(name);
  if (model !== undefined && isSource(model)) return model;
  throw invalid(
    model === undefined ? `No file under models/bronze is named ${name}.sql.` : `${model.file} is no source.`,
  );
}

function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message.trim(), 'InvalidModel');
}
