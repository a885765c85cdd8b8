import { sql } from 'kysely';
import type { Database, Databases, DatabaseTransaction } from '../../../activities/databases.ts';
import type { LoadRow } from '../../../activities/load.ts';
import { readLoad } from '../../../activities/load.ts';
import { noteEmpty, notePublished } from '../../../activities/move-watermark.ts';
import { withoutValues } from '../../../activities/postgres-error.ts';
import type { Published, PublishInput } from '../../../activities/publish.ts';
import { readPublishedModel } from '../../../activities/published-model.ts';
import type { RepositoryFolders } from '../../../activities/repository.ts';
import { writeCandidate } from '../../../activities/write-candidate.ts';
import { openRewriting } from './rewriting.ts';

const nothing = { inserted: 0, updated: 0, unchanged: 0, deleted: 0, quarantined: 0 };

/** Publish as the engine does it, but that it asks neither whose turn it is nor where the watermark stands. */
export function createUnfencedPublish(databases: Databases, folders: RepositoryFolders) {
  return {
    publish: ({ loadId }: PublishInput): Promise<Published> =>
      withoutValues(`publish load ${loadId}`, async () => {
        const load = await readLoad(databases.publisher, loadId);
        if (load.state === 'published' || load.state === 'empty') return { state: load.state, ...nothing };
        const { model } = await readPublishedModel(folders, load.model);
        return databases.publisher.transaction().execute(async (trx): Promise<Published> => {
          await putWatermarks(trx, load);
          if (load.isEmpty) {
            await noteEmpty(trx, model, load);
            return { state: 'empty', ...nothing };
          }
          const counts = await writeCandidate(trx, model, load);
          await notePublished(trx, model, load, counts, null);
          return { state: 'published', ...counts, quarantined: 0 };
        });
      }),
  };
}

async function putWatermarks(trx: DatabaseTransaction, load: LoadRow): Promise<void> {
  if (load.window.kind !== 'arrival') return;
  for (const [relation, { to }] of Object.entries(load.window.deltas)) {
    await sql`
      insert into control.watermark (model, relation, snapshot, system_identifier, timeline, load_id)
      values (${load.model}, ${relation}, ${to}::pg_snapshot, ${load.systemIdentifier}, ${load.timeline}, ${load.loadId})
      on conflict (model, relation) do update set snapshot = excluded.snapshot, load_id = excluded.load_id`.execute(
      trx,
    );
  }
}

/** A loader that leaves the candidates of loads that were given up, as an attempt that comes late would find its own. */
export function keepingCandidates(loaderUrl: string): Database {
  return openRewriting(loaderUrl, 'chaos loader', (query, run) =>
    query.sql.startsWith('drop table if exists "candidate"')
      ? run({ ...query, sql: 'select 1' })
      : run(query),
  );
}
