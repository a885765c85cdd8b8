import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import type { Setting } from '../../models/window.ts';
import { applySettings } from '../../activities/load-window.ts';
import type { Contestant } from './contestant.ts';
import { asOf, schema, tableOf } from './fill.ts';

/** The same statement as the server plans it under settings that somebody who knows it would try. */
const variants: readonly { readonly name: string; readonly settings: readonly Setting[] }[] = [
  { name: 'hand-written, as planned', settings: [] },
  { name: 'hand-written, enable_hashagg off', settings: [['enable_hashagg', 'off']] },
  { name: 'hand-written, work_mem 256MB', settings: [['work_mem', '256MB']] },
];

/** Their names; the best of each round is the baseline. */
export const handWrittenNames: readonly string[] = variants.map(({ name }) => name);

interface Answer {
  readonly rows: number;
  readonly wrong: number;
  readonly newest: Date;
}

/**
 * The suite as somebody would write it by hand who wants one statement and only the counts: filtered aggregates, and
 * the values that occur more than once. It judges nothing, samples nothing and stores nothing.
 */
export function handWrittenContestants(
  validator: Database,
  stores: readonly string[],
): readonly Contestant[] {
  // Constants in the text, as by hand: Postgres hashes a list of them.
  const list = sql.join(stores.map((store) => sql.lit(store)));
  return variants.map(({ name, settings }) => ({
    name,
    check: (rows) => checkOnce(validator, rows, list, settings),
  }));
}

async function checkOnce(
  validator: Database,
  rows: number,
  stores: ReturnType<typeof sql.join>,
  settings: readonly Setting[],
): Promise<number> {
  return validator.transaction().execute(async (trx) => {
    await applySettings(trx, settings);
    const table = sql.id(schema, tableOf(rows));
    const began = performance.now();
    const { rows: found } = await sql<Answer>`
      select count(*) as rows, max(transaction_timestamp) at time zone 'UTC' as newest,
        count(*) filter (where transaction_id is null) + count(*) filter (where store_id is null)
        + count(*) filter (where transaction_timestamp is null)
        + count(*) filter (where total_amount < 0 or total_amount > 100000)
        + count(*) filter (where store_id not in (${stores}))
        + (select count(*) from (select transaction_id from ${table} where transaction_id is not null
            group by transaction_id having count(*) > 1) as repeated) as wrong
      from ${table}`.execute(trx);
    const took = (performance.now() - began) / 1000;
    const answer = found[0];
    const fresh = answer !== undefined && Date.parse(asOf) - answer.newest.getTime() <= 5 * 60_000;
    if (answer?.rows !== rows || answer.wrong !== 0 || !fresh)
      throw new Error(`the hand-written statement found ${JSON.stringify(answer)} in ${rows} rows`);
    return took;
  });
}
