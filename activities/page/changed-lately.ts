import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Database } from '../databases.ts';

/** What is not as it was when things were good. */
export interface Change {
  /** `SQL of stg_transactions`, `suite transactions`. */
  readonly what: string;
  readonly at: Date;
}

/** For how long back a change may be why something breaks now. */
const LATELY = '7 days';
/** Evaluations and loads that are looked at: an hourly model's month, a minute's model's last night. */
const LOOKED_AT = 750;

/**
 * What changed in the last seven days of a model and of all that it is made of: its SQL, its suites, its columns, and what
 * its sources are not any more. Names and times only. Each question finds its rows by an index, so a page over a ledger
 * of years takes no longer.
 *
 * @param above the model, and the models and sources that it is made of.
 */
export async function changedLately(
  db: Database,
  model: string | null,
  above: readonly string[],
): Promise<readonly Change[]> {
  const { rows } = await sql<Change>`
    with named as (select name from unnest(${[...above]}::text[]) as named (name)),
    evaluated as (
      select gate, suite, suite_hash, evaluated_at,
        lag(suite_hash) over (partition by gate, suite order by evaluation_id) as hash_before
      from (${lastEvaluations(model)}) as last
    ),
    loaded as (
      select columns_hash, published_at, lag(columns_hash) over (order by load_id) as hash_before
      from (
        select load_id, columns_hash, published_at from control.load
        where model = ${model} and state = 'published' order by load_id desc limit ${LOOKED_AT}
      ) as last
      where columns_hash is not null
    )
    select 'SQL of ' || text.model as what, text.seen_at as at
    from named join control.model_text as text on text.model = named.name
    where text.seen_at > now() - ${LATELY}::interval
      and exists (select from control.model_text as old where old.model = text.model and old.seen_at < text.seen_at)
    union all
    select 'suite ' || suite, evaluated_at from evaluated
    where suite_hash <> hash_before and evaluated_at > now() - ${LATELY}::interval
    union all
    select 'columns of ' || ${model}::text, published_at from loaded
    where columns_hash <> hash_before and published_at > now() - ${LATELY}::interval
    union all
    select 'source ' || drift.source || ': ' || drift.problem
      || case when drift.cleared_at is null then '' else ' (mended ' || to_char(drift.cleared_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI"Z"') || ')' end,
      drift.since
    from named join control.source_drift as drift on drift.source = named.name
    where drift.since > now() - ${LATELY}::interval or drift.cleared_at is null
    order by at desc
    limit 20`.execute(db);
  return rows;
}

/** Each change in words, those since the last good load first as such. */
export function describeChanges(changes: readonly Change[], lastGood: Date | null): readonly string[] {
  return changes.map(({ what, at }) => {
    const since = lastGood !== null && at > lastGood ? ', after the last good load' : '';
    return `${what}: ${at.toISOString()}${since}`;
  });
}

/** Gate by gate, or every model's evaluations are passed by to find the last of this one. */
function lastEvaluations(model: string | null): RawBuilder<unknown> {
  return sql`
    select run.* from unnest(array['input', 'output']) as asked (name)
    cross join lateral (
      select * from control.gate_run where model = ${model} and gate = asked.name
      order by evaluation_id desc limit ${LOOKED_AT}
    ) as run`;
}
