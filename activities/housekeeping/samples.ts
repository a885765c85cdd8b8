import { sql } from 'kysely';
import { HOURS_KEPT_DAYS, SAMPLES_KEPT_DAYS } from '../sample/objectives.ts';
import { counted, inBatches, ROWS_AT_ONCE } from './chore.ts';
import type { ChoreCall } from './chore.ts';

/** What is kept of objectives: by what time it goes away, for how many days, and what a row is called. */
const KEPT = [
  [
    'control.freshness_sample',
    'sampled_at',
    SAMPLES_KEPT_DAYS,
    'sample of freshness',
    'samples of freshness',
  ],
  ['control.availability_slot', 'slot_end', SAMPLES_KEPT_DAYS, 'judged interval', 'judged intervals'],
  ['control.objective_hour', 'hour', HOURS_KEPT_DAYS, 'hour of an objective', 'hours of objectives'],
] as const;

/**
 * Takes single samples and intervals of more than a month ago; their hours stay for a year.
 *
 * @returns what it took, in words.
 */
export async function takeOldSamples(call: ChoreCall): Promise<readonly string[]> {
  const done: string[] = [];
  for (const [table, column, days, one, many] of KEPT) {
    const old = sql`t.${sql.ref(column)} < pg_catalog.now() - make_interval(days => ${days}::int)`;
    const rows = await takeOld(call, table, old);
    if (rows > 0) done.push(`${call.dryRun ? 'would take' : 'took'} ${counted(rows, one, many)}`);
  }
  return done;
}

async function takeOld(
  { databases: { loader }, dryRun, signal }: ChoreCall,
  table: string,
  old: ReturnType<typeof sql>,
): Promise<number> {
  if (dryRun) {
    const { rows } = await sql<{ rows: number }>`
      select count(*) as rows from ${sql.table(table)} as t where ${old}`.execute(loader);
    return rows[0]?.rows ?? 0;
  }
  return inBatches(signal, async () => {
    const { numAffectedRows = 0n } = await sql`
      delete from ${sql.table(table)} where ctid = any (array(
        select t.ctid from ${sql.table(table)} as t where ${old} limit ${ROWS_AT_ONCE} for update skip locked))`.execute(
      loader,
    );
    return Number(numAffectedRows);
  });
}
