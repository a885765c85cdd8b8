import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { isPublished, versionColumns } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import { deltaReaders } from '../../models/readers.ts';
import { sameKey } from '../../models/statements/columns.ts';
import type { Database } from '../databases.ts';
import { readValidGraph } from '../published-model.ts';
import { counted, inBatches, ROWS_AT_ONCE } from './chore.ts';
import type { Chore } from './chore.ts';

/** How long an old image stays after everybody has read it: for people who look into what a load did. */
const KEPT_DAYS = 7;

/**
 * Takes old images of published rows (`changes.<model>`) that every model which reads the delta has passed. One that
 * says of a quarantined version that it was published after all stays as long as that version is in quarantine.
 */
export const dropOldImages: Chore = async ({ databases, folders, dryRun, signal }) => {
  const graph = await readValidGraph(folders);
  const [done, left]: [string[], string[]] = [[], []];
  for (const model of graph.models.filter(isPublished)) {
    const claims = await readClaims(databases.loader, model.name, deltaReaders(graph, model.name));
    const open = claims.filter(({ snapshot }) => snapshot === null);
    const snapshots = claims.flatMap(({ snapshot }) => snapshot ?? []);
    const { publisher } = databases;
    const waiting = await count(publisher, model, []);
    if (waiting === 0) continue;
    const name = `changes.${model.name}`;
    if (open.length > 0) {
      left.push(`${name}: still needed by ${open.map(({ claim }) => claim).join(', ')}`);
      continue;
    }
    const gone = dryRun
      ? await count(publisher, model, snapshots)
      : await inBatches(signal, () => remove(publisher, model, snapshots));
    if (gone > 0) done.push(`${name}: ${dryRun ? 'would take' : 'took'} ${counted(gone, 'old image')}`);
  }
  return { done, left, warnings: [] };
};

interface Claim {
  readonly claim: string;
  /** `xmin:xmax:xip_list`; null claims every row. */
  readonly snapshot: string | null;
}

async function readClaims(
  loader: Database,
  relation: string,
  readers: readonly string[],
): Promise<readonly Claim[]> {
  const { rows } = await sql<Claim>`
    select claim, snapshot::text as snapshot from control.delta_claims(${relation}, ${[...readers]}::text[])
    order by claim`.execute(loader);
  return rows;
}

function passed(model: PublishedModel, snapshots: readonly string[]): RawBuilder<unknown> {
  const quarantined =
    model.shape.kind === 'map'
      ? sql`and not exists (
          select from control.batch_quarantine as q
          where q.model = ${model.name} and q.gate = 'input' and ${sameKey('c', 'q', versionColumns)})`
      : sql``;
  return sql`from ${sql.id('changes', model.name)} as c join control.load as l on l.load_id = c._load_id
    where l.published_at < pg_catalog.now() - make_interval(days => ${KEPT_DAYS}::int)
      and not exists (
        select from unnest(${[...snapshots]}::pg_snapshot[]) as s (snapshot)
        where not pg_visible_in_snapshot(c._xid, s.snapshot)
      ) ${quarantined}`;
}

async function count(db: Database, model: PublishedModel, snapshots: readonly string[]): Promise<number> {
  const { rows } = await sql<{ rows: number }>`select count(*) as rows ${passed(model, snapshots)}`.execute(
    db,
  );
  return rows[0]?.rows ?? 0;
}

async function remove(db: Database, model: PublishedModel, snapshots: readonly string[]): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from ${sql.id('changes', model.name)} where ctid = any (array(
      select c.ctid ${passed(model, snapshots)} limit ${ROWS_AT_ONCE}))`.execute(db);
  return Number(numAffectedRows);
}
