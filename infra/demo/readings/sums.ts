import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Fact } from '../claims.ts';
import { sumFiles, type StoreDay, type Sums } from '../sums.ts';
import type { ToldScene, World } from '../world.ts';

const script = join(import.meta.dirname, '..', 'sums.ts');

/** What is compared of a store's day. */
export type Measure = 'rows' | 'transactions' | 'gross_sales';

/** A measure of every store and day: `STORE_00330 2017-01-06` to `12.50`. */
export type ByStoreDay = Readonly<Record<string, string>>;

/**
 * Runs the separate script over the delivered files, in a process of its own.
 *
 * @throws Error with the script's own sentence when it cannot read them.
 */
export async function runSumsScript(world: World): Promise<readonly StoreDay[]> {
  const folder = join(world.notes.landingFolder, 'transactions');
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder, '--json'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const answer: unknown = JSON.parse(stdout);
  if (!isSums(answer))
    throw new Error(`${script} answered with something else than sums: ${stdout.slice(0, 200)}`);
  return answer.sums;
}

/** What the files of some hours add up to, as they were delivered then. */
export function sumScenes(scenes: readonly ToldScene[]): readonly StoreDay[] {
  const baskets = scenes.flatMap(({ deliveries }) =>
    deliveries.filter(({ file }) => file.startsWith('transactions/')),
  );
  return sumFiles(baskets.map(({ lines }) => lines.join('\n'))).sums;
}

/** One measure of sums, for comparing. */
export function pickMeasure(sums: readonly StoreDay[], measure: Measure): ByStoreDay {
  return Object.fromEntries(sums.map((one) => [`${one.store_id} ${one.day}`, String(one[measure])]));
}

/** The same of the published tables: rows are silver's, transactions and gross sales are gold's. */
export async function readMeasure(world: World, measure: Measure): Promise<ByStoreDay> {
  const rows = await world.rows(MEASURE_SQL[measure]);
  return Object.fromEntries(rows.map(({ store_day, value }) => [String(store_day), String(value)]));
}

const MEASURE_SQL: Readonly<Record<Measure, string>> = {
  rows: `select store_id || ' ' || transaction_date as store_day, count(*)::text as value
         from silver.stg_transactions group by store_id, transaction_date`,
  transactions: `select store_id || ' ' || transaction_date as store_day, transaction_count::text as value
                 from gold.fct_daily_sales`,
  gross_sales: `select store_id || ' ' || transaction_date as store_day, gross_sales::numeric(18, 2)::text as value
                from gold.fct_daily_sales`,
};

/**
 * A measure as a fact: how many store-days, their total, and which of them are not as the files say. The two sides of
 * a claim are equal only when every store-day is.
 */
export function measureFact(found: ByStoreDay, files: ByStoreDay = found): Fact {
  const keys = [...new Set([...Object.keys(files), ...Object.keys(found)])].toSorted();
  const differing = keys
    .filter((key) => files[key] !== found[key])
    .map((key) => `${key}: ${found[key] ?? 'absent'} where the files say ${files[key] ?? 'absent'}`);
  return { storeDays: Object.keys(found).length, total: totalOf(Object.values(found)), differing };
}

/** Exact: decimals of at most two places, added as whole cents. */
function totalOf(values: readonly string[]): string {
  const places = values.some((value) => value.includes('.')) ? 2 : 0;
  const sum = values.reduce((total, value) => {
    const [whole = '0', fraction = ''] = value.split('.');
    return total + BigInt(whole + fraction.padEnd(places, '0'));
  }, 0n);
  return places === 0 ? String(sum) : `${sum / 100n}.${String(sum % 100n).padStart(2, '0')}`;
}

function isSums(value: unknown): value is Sums {
  return typeof value === 'object' && value !== null && 'sums' in value && Array.isArray(value.sums);
}
