/**
 * Sums of the delivered files, made without Weir: no module of it, no Postgres, only the files and the rules of the
 * tables. What gold says is held against this.
 *
 * `node infra/demo/sums.ts FOLDER [--json]`, where FOLDER has the `.jsonl` files of baskets. Exit 0, or 1 with a
 * sentence when there is nothing to read.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What one store sold on one day. */
export interface StoreDay {
  readonly store_id: string;
  /** UTC, `2017-01-06`. */
  readonly day: string;
  /** Records that stand: of two with one transaction id, the later. */
  readonly rows: number;
  readonly transactions: number;
  /** Exact, two decimals: the amounts that are known. */
  readonly gross_sales: string;
}

/** What files add up to, and how many of their lines were no records. */
export interface Sums {
  readonly files: number;
  readonly lines: number;
  readonly skipped: number;
  /** By store, then day. */
  readonly sums: readonly StoreDay[];
}

/** One record as the sums need it. Cents are null for an amount over the limit: it waits for a review. */
interface Sale {
  readonly transaction_id: string;
  readonly store_id: string;
  readonly day: string;
  readonly cents: bigint | null;
}

/** 100,000.00: a greater amount is not believed. */
const LIMIT_CENTS = 10_000_000n;

/**
 * Adds up files in the order given. A file that was delivered again stands there with its last content, so a later
 * revision has replaced an earlier one; of two records of one transaction the later wins: the later file by name,
 * then the later line.
 */
export function sumFiles(files: readonly string[]): Sums {
  const standing = new Map<string, Sale>();
  let lines = 0;
  let skipped = 0;
  for (const line of files.flatMap((text) => text.split('\n'))) {
    if (line.trim() === '') continue;
    lines += 1;
    const sale = readSale(line);
    if (sale === 'not a record') skipped += 1;
    else if (sale !== 'left out') standing.set(sale.transaction_id, sale);
  }
  return { files: files.length, lines, skipped, sums: addUp([...standing.values()]) };
}

/**
 * Adds up the `.jsonl` files of a folder, by name.
 *
 * @param accept which of its files, by name without `.jsonl`; all by default.
 */
export async function sumFolder(
  folder: string,
  accept: (name: string) => boolean = () => true,
): Promise<Sums> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).toSorted();
  const chosen = names.filter((name) => accept(name.slice(0, -'.jsonl'.length)));
  return sumFiles(await Promise.all(chosen.map((name) => readFile(join(folder, name), 'utf8'))));
}

function readSale(line: string): Sale | 'not a record' | 'left out' {
  const record = parseObject(line);
  if (!record || !('transaction_id' in record)) return 'not a record';
  const { transaction_id, store_id, transaction_timestamp, total_amount } = record;
  const day = readDay(transaction_timestamp);
  const cents = readCents(total_amount);
  if (day === null || cents === 'not an amount') return 'not a record';
  if (typeof transaction_id !== 'string' || typeof store_id !== 'string' || cents === null) return 'left out';
  return { transaction_id, store_id, day, cents: clean(cents) };
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/** The day in UTC; a time without a zone is UTC already. */
function readDay(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const time = new Date(/(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
  return Number.isNaN(time.getTime()) ? null : time.toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** A decimal as whole cents, a third decimal rounded half away from zero as Postgres rounds `numeric(12,2)`. */
function readCents(value: unknown): bigint | null | 'not an amount' {
  if (value === null || value === undefined) return null;
  const text = typeof value === 'number' ? String(value) : value;
  const match = typeof text === 'string' ? /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text) : null;
  if (!match) return 'not an amount';
  const [, sign, whole = '', fraction = ''] = match;
  const cents =
    BigInt(whole + fraction.slice(0, 2).padEnd(2, '0')) + (Number(fraction[2] ?? '0') >= 5 ? 1n : 0n);
  return sign === '-' ? -cents : cents;
}

/** Below zero is nothing sold; over the limit is for review. */
function clean(cents: bigint): bigint | null {
  if (cents > LIMIT_CENTS) return null;
  return cents < 0n ? 0n : cents;
}

function addUp(sales: readonly Sale[]): readonly StoreDay[] {
  const groups = Map.groupBy(sales, ({ store_id, day }) => `${store_id} ${day}`);
  return [...groups.values()]
    .flatMap((group): StoreDay[] => {
      const [first] = group;
      if (!first) return [];
      const { store_id, day } = first;
      const amounts = group.flatMap(({ cents }) => (cents === null ? [] : [cents]));
      const transactions = new Set(group.map(({ transaction_id }) => transaction_id)).size;
      const gross_sales = decimal(amounts.reduce((sum, cents) => sum + cents, 0n));
      return [{ store_id, day, rows: group.length, transactions, gross_sales }];
    })
    .toSorted((a, b) => compare(a.store_id, b.store_id) || compare(a.day, b.day));
}

/** Cents that are zero or more, as a decimal of two places. */
function decimal(cents: bigint): string {
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function render({ files, lines, skipped, sums }: Sums): string {
  const rows = sums.map(({ store_id, day, rows, transactions, gross_sales }) =>
    [
      store_id,
      day,
      String(rows).padStart(5),
      String(transactions).padStart(12),
      gross_sales.padStart(12),
    ].join('  '),
  );
  return [
    'store        day          rows  transactions   gross sales',
    ...rows,
    `${files} files, ${lines} lines, ${skipped} of them no records, ${sums.length} store-days`,
  ].join('\n');
}

async function main(words: readonly string[]): Promise<number> {
  const [folder] = words.filter((word) => !word.startsWith('--'));
  if (folder === undefined) {
    console.error('Which folder? Usage: node infra/demo/sums.ts FOLDER [--json]');
    return 1;
  }
  const sums = await sumFolder(folder);
  if (sums.files === 0) {
    console.error(`${folder} has no .jsonl files: give the folder that the baskets were delivered to.`);
    return 1;
  }
  console.log(words.includes('--json') ? JSON.stringify(sums) : render(sums));
  return 0;
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`The files cannot be added up: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  });
}
