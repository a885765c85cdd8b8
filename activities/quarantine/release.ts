import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { hasRevisions } from '../../models/model.ts';
import type { SourceModel } from '../../models/model.ts';
import type { JsonObject } from '../../expectations/json.ts';
import type { Database, DatabaseTransaction } from '../databases.ts';
import { keysLeftBehind } from './keys-left-behind.ts';
import { insertRecords, mendRows } from './mend-rows.ts';
import type { Mended } from './mend-rows.ts';
import { nameOf, placeIn, readKept } from './kept-rows.ts';
import type { Kept, KeptFilter, KeptPlace } from './kept-rows.ts';
import { markSuperseded } from './mark-superseded.ts';
import { notWaiting } from './not-waiting.ts';
import { mappersOf, sourceOf } from './source-of.ts';

/** What to release, and how it is mended. */
export interface ReleaseRequest {
  readonly filter: KeptFilter;
  /** Columns of the source and what they should say, as JSON. */
  readonly set: JsonObject;
  /** A whole record in the place of the one that was delivered; null keeps that one. */
  readonly record: JsonObject | null;
  readonly reason: string;
  /** Who decides. */
  readonly by: string;
}

/** What a release did. */
export interface Released {
  /** Names of what is on its way again: `b7`. */
  readonly released: readonly string[];
  /** Names of what was overtaken meanwhile, and was left. */
  readonly superseded: readonly string[];
  /** The models that meet the rows with their next load. */
  readonly models: readonly string[];
}

/** Thrown where something cannot be released; nothing was changed. */
export class ReleaseRefused extends Error {
  override readonly name = 'ReleaseRefused';
}

/**
 * Puts rows that were set aside back on their way: mended in bronze, at the place where they were delivered. They
 * arrive again, and the next load takes them through the same gates, under the version rule of their place.
 *
 * @param db a pool of the loader.
 * @throws ReleaseRefused naming each row that cannot be released and what to do; nothing was changed then.
 */
export async function releaseRows(db: Database, graph: Graph, request: ReleaseRequest): Promise<Released> {
  const asked = await readKept(db, { ...request.filter, state: 'waiting' });
  const others = await notWaiting(db, request.filter, asked);
  if (others.length > 0) throw new ReleaseRefused(others.join('\n'));
  await markSuperseded(db, graph);
  return db.transaction().execute(async (trx) => {
    const kept = await lockWaiting(trx, asked);
    const names = new Set(kept.map(({ id }) => id));
    const superseded = asked.filter(({ id }) => !names.has(id)).map(({ id }) => id);
    if (kept.length === 0) return { released: [], superseded, models: [] };
    const [source] = checked(graph, kept, request);
    const mended = await mend(trx, source, kept, request);
    const twice = await keysLeftBehind(trx, graph, source, kept);
    if (twice !== null) throw new ReleaseRefused(twice);
    const models = mappersOf(graph, source);
    const released = await note(trx, [source.name, ...models], kept, mended, request);
    return { released, superseded, models };
  });
}

/** The same without those that were decided about meanwhile. Nobody else releases them until the transaction ends. */
async function lockWaiting(trx: DatabaseTransaction, asked: readonly Kept[]): Promise<readonly Kept[]> {
  for (const keptIn of ['quarantine', 'batch_quarantine'] as const) {
    const ids = asked.filter((one) => one.keptIn === keptIn).map(({ keptId }) => keptId);
    if (ids.length === 0) continue;
    await sql`select from ${sql.table(`control.${keptIn}`)}
      where ${sql.ref(`${keptIn}_id`)} = any (${ids}::bigint[]) order by ${sql.ref(`${keptIn}_id`)} for update`.execute(
      trx,
    );
  }
  const places: readonly KeptPlace[] = asked;
  return places.length === 0 ? [] : readKept(trx, { ids: places, state: 'waiting' });
}

/**
 * The one source that all of it comes from.
 *
 * @throws ReleaseRefused with every reason at once.
 */
function checked(
  graph: Graph,
  kept: readonly Kept[],
  request: ReleaseRequest,
): readonly [SourceModel, ...SourceModel[]] {
  const sources = new Map<string, SourceModel>();
  const problems = kept.flatMap((one) => {
    const source = sourceOf(graph, one.relation);
    if (source !== null) sources.set(source.name, source);
    const problem = problemOf(one, source);
    return problem === null ? [] : [`${one.id}: ${problem}`];
  });
  const [source, ...others] = sources.values();
  if (problems.length > 0) throw new ReleaseRefused(problems.join('\n'));
  if (source === undefined) throw new ReleaseRefused('Nothing of a source was named.');
  if (others.length > 0)
    throw new ReleaseRefused(
      `They are of several sources (${[...sources.keys()].join(', ')}), whose columns differ: release each source's apart.`,
    );
  const columns = Object.keys(source.columns);
  const unknown = Object.keys({ ...request.set, ...request.record }).filter(
    (name) => !columns.includes(name),
  );
  if (unknown.length > 0)
    throw new ReleaseRefused(
      `${source.name} has no column ${unknown.join(', ')}. What is mended is the row as it was delivered: its columns are ${columns.join(', ')}.`,
    );
  return [source];
}

function problemOf(one: Kept, source: SourceModel | null): string | null {
  if (source === null)
    return `rows of ${one.relation} are computed from several. Mend what they are computed from: the next load that touches the key computes it again`;
  if (!hasRevisions(source))
    return `${source.name} says what another database says now. Mend it there: the next extract brings it`;
  if (one.position === 0) return 'it is a file as a whole. Deliver the file again';
  if (one.kind === 'setAside' && one.loadState !== 'published')
    return `load ${one.loadId ?? 0}, which set it aside, is ${one.loadState ?? 'gone'}. Release it when that is published`;
  return null;
}

async function mend(
  trx: DatabaseTransaction,
  source: SourceModel,
  kept: readonly Kept[],
  request: ReleaseRequest,
): Promise<readonly Mended[]> {
  const records = kept.filter(({ kind }) => kind === 'record');
  const rows = kept.filter(({ kind }) => kind !== 'record');
  const done = [
    ...(records.length > 0 ? await insertRecords(trx, source, records, request) : []),
    ...(rows.length > 0 ? await mendRows(trx, source, rows, request) : []),
  ];
  const problems = done.flatMap(({ id, problem }) => (problem === null ? [] : [`${id}: ${problem}`]));
  if (problems.length > 0) throw new ReleaseRefused(problems.join('\n'));
  return done;
}

/**
 * Marks all that waits of the same places, whichever model set it aside, and writes down who released it and why.
 *
 * @returns names of what was marked: `b7`.
 */
async function note(
  trx: DatabaseTransaction,
  relations: readonly string[],
  kept: readonly Kept[],
  mended: readonly Mended[],
  { set, record, reason, by }: ReleaseRequest,
): Promise<readonly string[]> {
  const xids = new Map(mended.map(({ id, xidBefore }) => [id, xidBefore]));
  const columns = Object.keys({ ...record, ...set });
  const [source = ''] = relations;
  const names: string[] = [];
  for (const keptIn of ['quarantine', 'batch_quarantine'] as const) {
    const isRecord = keptIn === 'quarantine';
    const place = isRecord ? sql`q.file, q.revision, q.position` : placeIn('q');
    const relation = isRecord ? sql`split_part(q.relation, '.', 2)` : sql`q.model`;
    const { rows } = await sql<{ id: number }>`
      with place as (
        select distinct on (_source, _revision, _position) * from unnest(${kept.map(({ file }) => file)}::text[],
          ${kept.map(({ revision }) => revision)}::int[], ${kept.map(({ position }) => position)}::bigint[],
          ${kept.map(({ id }) => xids.get(id) ?? null)}::xid8[]) as p (_source, _revision, _position, xid)
      ), released as (
        update ${sql.table(`control.${keptIn}`)} as q set state = 'released', expires_at = pg_catalog.now() + interval '30 days'
        from place as p
        where q.state = 'waiting' and ${relation} = any (${relations}::text[])
          and (p._source, p._revision, p._position) = (${place})
        returning ${sql.ref(`q.${keptIn}_id`)} as id, p.*
      )
      insert into control.quarantine_decision
        (kept_in, kept_id, decision, columns_mended, reason, decided_by, relation, _source, _revision, _position, xid_before)
      select ${keptIn}, r.id, 'released', ${columns}::text[], ${reason}, ${by}, ${source}, r._source, r._revision, r._position, r.xid
      from released as r returning kept_id as id`.execute(trx);
    names.push(...rows.map(({ id }) => nameOf({ keptIn, keptId: id })));
  }
  return names;
}
