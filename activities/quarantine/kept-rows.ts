import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Database } from '../databases.ts';
import type { QuarantineState } from '../tables/quarantine.ts';

/** Which of the two tables keeps something, and under which number. */
export interface KeptPlace {
  readonly keptIn: 'quarantine' | 'batch_quarantine';
  readonly keptId: number;
}

/** Something in quarantine, without any value of it. */
export interface Kept extends KeptPlace {
  /** `r12`: a record that never became a row, or a row that a SELECT left out. `b7`: a row that a gate set aside. */
  readonly id: string;
  readonly kind: 'record' | 'leftOut' | 'setAside';
  /** The source that a record was delivered to, or the model that left it out or whose gate set it aside. */
  readonly relation: string;
  readonly state: QuarantineState;
  readonly reason: string;
  readonly gate: 'input' | 'output' | null;
  readonly loadId: number | null;
  readonly loadState: string | null;
  /** Where it was delivered; null where a row is computed from several. */
  readonly file: string | null;
  readonly revision: number | null;
  readonly position: number | null;
  /** ISO 8601, UTC, as the other. */
  readonly since: string;
  readonly expiresAt: string;
}

/** Which of what is kept. */
export interface KeptFilter {
  readonly ids?: readonly KeptPlace[];
  /** Name of a model or source. */
  readonly relation?: string;
  readonly source?: string;
  readonly state?: QuarantineState;
  readonly loadId?: number;
}

interface KeptRow extends Omit<Kept, 'since' | 'expiresAt'> {
  readonly since: Date;
  readonly expiresAt: Date;
}

/** Both tables as one, without values: columns as `Kept` has them. */
const everything: RawBuilder<unknown> = sql`
  select 'r' || q.quarantine_id as id, 'quarantine' as "keptIn", q.quarantine_id as "keptId",
    case when q.load_id is null then 'record' else 'leftOut' end as kind, split_part(q.relation, '.', 2) as relation,
    q.state, q.reason, null as gate, q.load_id as "loadId", l.state as "loadState",
    q.file, q.revision, q.position, q.quarantined_at as since, q.expires_at as "expiresAt"
  from control.quarantine as q left join control.load as l on l.load_id = q.load_id
  union all
  select 'b' || b.batch_quarantine_id, 'batch_quarantine', b.batch_quarantine_id, 'setAside', b.model,
    b.state, b.reason, b.gate, b.load_id, l.state, ${placeIn('b')}, b.quarantined_at, b.expires_at
  from control.batch_quarantine as b join control.load as l on l.load_id = b.load_id`;

/** File, revision and position of a row that a gate set aside: at an output gate the row itself carries them. */
export function placeIn(alias: string): RawBuilder<unknown> {
  const at = (column: string) => sql.ref(`${alias}.${column}`);
  return sql`coalesce(${at('_source')}, ${at('record')} ->> '_source'),
    coalesce(${at('_revision')}, (${at('record')} ->> '_revision')::int),
    coalesce(${at('_position')}, (${at('record')} ->> '_position')::bigint)`;
}

/**
 * Reads what is kept and has not expired, the latest first.
 *
 * @param models names of the models whose rows come from `filter.source`.
 */
export async function readKept(
  db: Database,
  filter: KeptFilter,
  models: readonly string[] = [],
): Promise<readonly Kept[]> {
  const { ids, relation, source, state, loadId } = filter;
  const conditions = [
    sql`kept."expiresAt" > now()`,
    ...(ids === undefined ? [] : [sql`kept.id = any (${ids.map(nameOf)}::text[])`]),
    ...(relation === undefined ? [] : [sql`kept.relation = ${relation}`]),
    ...(source === undefined ? [] : [sql`kept.relation = any (${[source, ...models]}::text[])`]),
    ...(state === undefined ? [] : [sql`kept.state = ${state}`]),
    ...(loadId === undefined ? [] : [sql`kept."loadId" = ${loadId}`]),
  ];
  const { rows } = await sql<KeptRow>`
    select * from (${everything}) as kept where ${sql.join(conditions, sql` and `)}
    order by kept.since desc, kept."keptIn", kept."keptId" desc`.execute(db);
  return rows.map((row) => ({
    ...row,
    since: row.since.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
}

/** `r12`, `b7`. */
export function nameOf({ keptIn, keptId }: KeptPlace): string {
  return `${keptIn === 'quarantine' ? 'r' : 'b'}${keptId}`;
}

/** Reads `r12` or `b7`; null for anything else. */
export function placeNamed(id: string): KeptPlace | null {
  const match = /^([rb])([1-9]\d{0,15})$/.exec(id.toLowerCase());
  if (match === null) return null;
  return { keptIn: match[1] === 'r' ? 'quarantine' : 'batch_quarantine', keptId: Number(match[2]) };
}
