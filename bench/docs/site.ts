import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import { readRepository } from '../../activities/repository.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import { startPostgres } from '../../infra/local/postgres.ts';
import { migrate } from '../../infra/migrate.ts';
import { openDatabase } from '../../workers/databases.ts';
import { databaseUrl, dropDatabase, freshDatabase } from './database.ts';
import type { DocsBenchOptions } from './options.ts';
import { writeRepository } from './repository.ts';
import { shopOf } from './shop.ts';
import { fillYear } from './year.ts';

/** A server with a year in its books, and the models that they are about. */
export interface DocsSite {
  readonly url: string;
  readonly folders: RepositoryFolders;
  readonly evaluations: number;
  close(): Promise<void>;
}

/** Starts a server of its own and fills it, unless that is to be kept and of this size. @param home where all of it is */
export async function openDocsSite(
  home: string,
  options: Pick<DocsBenchOptions, 'models' | 'days' | 'keep'>,
  onProgress: (line: string) => void,
): Promise<DocsSite> {
  await mkdir(home, { recursive: true });
  const models = shopOf(options.models);
  const folders = await writeRepository(home, models);
  const postgres = await startPostgres({ dataFolder: join(home, 'postgres'), onProgress });
  try {
    const name = `weir_bench_docs_${options.models}_${options.days}`;
    const kept = options.keep ? await databaseUrl(postgres.adminUrl, name) : null;
    const url = kept ?? (await freshDatabase(postgres.adminUrl, name));
    await migrate(url, folders);
    const admin = openDatabase(url, 'weir bench', 1);
    try {
      const evaluations = await filled(admin, folders, options, onProgress);
      const close = async (): Promise<void> => {
        if (!options.keep) await dropDatabase(postgres.adminUrl, name);
        await postgres.stop();
      };
      return { url, folders, evaluations, close };
    } finally {
      await admin.destroy();
    }
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** A fill that was broken off has left its schema, and is begun again in a fresh database. */
async function filled(
  admin: Database,
  folders: RepositoryFolders,
  { days }: Pick<DocsBenchOptions, 'days'>,
  onProgress: (line: string) => void,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from control.gate_run`.execute(
    admin,
  );
  const there = rows[0]?.count ?? 0;
  if (there > 0) return there;
  const repository = await readRepository(folders);
  const results = 5000;
  return (await fillYear({ admin, repository, days, results, onProgress })).evaluations;
}
