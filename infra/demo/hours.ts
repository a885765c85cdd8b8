import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The shipped sample: January 2017, with its stores and products. */
export const sampleFolder = join(import.meta.dirname, 'data');

/**
 * The two days of the story: a Friday and a Saturday whose nights have hours without a basket (08, 09 and 10 UTC on
 * both), so that empty windows are part of it. 853 baskets, 42 hours with baskets.
 */
const storyDays = ['2017-01-06', '2017-01-07'] as const;

/** One hour of the source, `[start, end)` in UTC. */
export interface Hour {
  /** `2017-01-06T14`: also the name of its files. */
  readonly name: string;
  readonly start: string;
  readonly end: string;
  /** The sample's lines of this hour, untouched, without their line feeds. Empty for an hour without a basket. */
  readonly baskets: readonly string[];
}

/** A file of the landing folder: its name there, and its lines. */
export interface Delivery {
  /** `transactions/2017-01-06T14.jsonl`. */
  readonly file: string;
  readonly lines: readonly string[];
}

/** What happened to stock, as the point-of-sale system tells it. */
interface Movement {
  readonly store_id: string;
  readonly sku: string;
  /** Pieces; sold ones are negative. */
  readonly quantity_change: number;
  /** UTC. */
  readonly event_ts: string;
}

/** The parts of a basket that movements and hours are made from. */
interface Basket {
  readonly store_id: string;
  readonly transaction_timestamp: string;
  readonly items: readonly { readonly product_id: string; readonly quantity: number }[];
}

/** The sample's baskets as text, one JSON object a line, by time. */
export async function readSample(): Promise<string> {
  return gunzipSync(await readFile(join(sampleFolder, 'transactions-2017-01.jsonl.gz'))).toString('utf8');
}

/** Cuts days of the sample into hours; every hour of each day is there, those without a basket too. */
export function splitHours(sample: string, days: readonly string[] = storyDays): readonly Hour[] {
  const lines = new Map<string, string[]>();
  for (const line of sample.split('\n')) {
    if (line === '') continue;
    const name = readBasket(line).transaction_timestamp.slice(0, 'YYYY-MM-DDTHH'.length);
    const hour = lines.get(name) ?? [];
    hour.push(line);
    lines.set(name, hour);
  }
  return days.flatMap((day) =>
    Array.from({ length: 24 }, (_, hour) => makeHour(`${day}T${String(hour).padStart(2, '0')}`, lines)),
  );
}

function makeHour(name: string, lines: ReadonlyMap<string, readonly string[]>): Hour {
  const start = new Date(`${name}:00:00Z`);
  const end = new Date(start.getTime() + 3_600_000);
  return { name, start: start.toISOString(), end: end.toISOString(), baskets: lines.get(name) ?? [] };
}

/**
 * The movements of baskets, one a line item. An item of quantity 0 (the sample has a few, sold by weight or as a
 * coupon) moves nothing and makes no movement.
 */
export function movementsOf(baskets: readonly string[]): readonly string[] {
  return baskets.map(readBasket).flatMap(({ store_id, transaction_timestamp, items }) =>
    items
      .filter(({ quantity }) => quantity !== 0)
      .map(({ product_id, quantity }) =>
        JSON.stringify({
          store_id,
          sku: product_id,
          quantity_change: -quantity,
          event_ts: transaction_timestamp,
        } satisfies Movement),
      ),
  );
}

/** The name of an hour's baskets in the landing folder. */
export function transactionsFile(hour: { readonly name: string }): string {
  return `transactions/${hour.name}.jsonl`;
}

/** The name of an hour's movements in the landing folder. */
function movementsFile(hour: { readonly name: string }): string {
  return `pos_events/${hour.name}.jsonl`;
}

/**
 * What the source delivers for an hour: baskets and movements, and no file for what there is none of.
 *
 * @param baskets the lines to deliver in place of the hour's own. Movements are always made from the hour's own: they
 * come from another system, which knows nothing of a bad hour at the tills.
 */
export function deliveriesOf(hour: Hour, baskets: readonly string[] = hour.baskets): readonly Delivery[] {
  return [
    { file: transactionsFile(hour), lines: baskets },
    { file: movementsFile(hour), lines: movementsOf(hour.baskets) },
  ].filter(({ lines }) => lines.length > 0);
}

/** The file as the source should have sent it: the hour's own lines. A redelivery of it goes under the same name. */
export function mendedHour(hour: Hour): Delivery {
  return { file: transactionsFile(hour), lines: hour.baskets };
}

/**
 * Puts files into the landing folder: written under a `.tmp` name and renamed into place, so that no reader meets half
 * a file. A file of the same name is replaced: that is how a source delivers again.
 */
export async function land(landingFolder: string, deliveries: readonly Delivery[]): Promise<void> {
  for (const { file, lines } of deliveries) {
    const path = join(landingFolder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.tmp`, lines.map((line) => `${line}\n`).join(''));
    await rename(`${path}.tmp`, path);
  }
}

function readBasket(line: string): Basket {
  const basket: unknown = JSON.parse(line);
  if (!isBasket(basket)) {
    throw new Error(
      `a line of the sample is not a basket (expected store_id, transaction_timestamp and items): ${line.slice(0, 120)}…` +
        ' Restore infra/demo/data from the repository.',
    );
  }
  return basket;
}

function isBasket(value: unknown): value is Basket {
  if (typeof value !== 'object' || value === null) return false;
  const { store_id, transaction_timestamp, items }: Partial<Record<keyof Basket, unknown>> = value;
  return typeof store_id === 'string' && typeof transaction_timestamp === 'string' && Array.isArray(items);
}
