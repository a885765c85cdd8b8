import { createHash } from 'node:crypto';
import { mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Random } from '../../invariants/random.ts';
import type { Counts } from '../kinds.ts';
import { badAmount } from '../site.ts';
import { anyCount, anyMovement, anySale, some } from './sale.ts';

/** What lies in the landing folder, as its writer knows it. */
export interface Delivered {
  readonly source: 'raw_transactions' | 'raw_pos_events' | 'raw_inventory';
  /** MD5 of each line that is a record. */
  readonly records: readonly string[];
  /** Lines that are none. */
  readonly rejected: number;
}

/** By source and file name. */
export type DeliveredFiles = Map<string, Delivered>;

const folders = {
  raw_transactions: 'transactions',
  raw_pos_events: 'pos_events',
  raw_inventory: 'inventory',
} as const;

const csvHeader = 'store_id,sku,on_hand_qty,reserved_qty,last_count_ts';

/**
 * Delivers files until told to stop: new ones, corrected ones, the same bytes again under another name or with another
 * time, now and then one with a row that the gate holds; such a one is mended a little later.
 */
export async function writeFiles(
  stopped: () => boolean,
  landingFolder: string,
  random: Random,
  counts: Counts,
  delivered: DeliveredFiles,
): Promise<void> {
  const names: string[] = [];
  const last = new Map<string, readonly string[]>();
  for (let number = 0; !stopped(); number += 1) {
    const [what, name] = chooseFile(random, names, number);
    const source = name.includes('csv')
      ? 'raw_inventory'
      : random.pick(['raw_transactions', 'raw_transactions', 'raw_pos_events'] as const);
    const before = last.get(`${source} ${random.integer(Math.max(number, 1))}`);
    const doubles = what === 'new' && before !== undefined && random.chance(0.5);
    const lines = doubles ? before : someLines(source, random);
    const bad = source === 'raw_transactions' && (random.chance(0.12) || counts.filesBad < 3);
    if (bad) {
      const row = { ...anySale(random), transaction_id: `bad ${number}`, total_amount: badAmount };
      await deliver(landingFolder, delivered, { source, name }, [...lines, JSON.stringify(row)], number);
      counts.filesBad += 1;
      await untilHeld(counts);
    }
    await deliver(landingFolder, delivered, { source, name }, lines, number);
    last.set(`${source} ${number}`, lines);
    if (what === 'new') counts.filesDelivered += 1;
    else counts.filesCorrected += 1;
    if (doubles) counts.filesDoubled += 1;
    await pause(60 + random.integer(250));
  }
}

/** A bad file is mended once somebody was held by it, or when that takes too long. */
async function untilHeld(counts: Counts): Promise<void> {
  const holds = (): number => counts.holdsReloaded + counts.holdsAbandoned + counts.holdsExpired;
  const before = holds();
  for (let waited = 0; waited < 10_000 && holds() === before; waited += 50) await pause(50);
}

function chooseFile(random: Random, names: string[], number: number): readonly ['new' | 'again', string] {
  if (names.length > 2 && random.chance(0.4)) return ['again', names[random.integer(names.length)] ?? ''];
  const kind = random.chance(0.2) ? 'csv' : 'jsonl';
  const name = `f${number}.${kind}${random.chance(0.3) ? '.gz' : ''}`;
  names.push(name);
  return ['new', name];
}

function someLines(source: Delivered['source'], random: Random): readonly string[] {
  if (source === 'raw_inventory')
    return [csvHeader, ...some(random, 0, 6, anyCount).map((count) => Object.values(count).join(','))];
  const records =
    source === 'raw_transactions' ? some(random, 0, 8, anySale) : some(random, 0, 8, anyMovement);
  const lines = records.map((record) => JSON.stringify(record));
  return random.chance(0.1) ? [...lines, '{"no": "record"'] : lines;
}

/** Whole or not at all: a rename. A new time each, as that is how a file shows that it may have changed. */
async function deliver(
  landingFolder: string,
  delivered: DeliveredFiles,
  { source, name }: { readonly source: Delivered['source']; readonly name: string },
  lines: readonly string[],
  number: number,
): Promise<void> {
  const file = path.join(landingFolder, folders[source], name);
  await mkdir(path.dirname(file), { recursive: true });
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  await writeFile(`${file}.tmp`, name.endsWith('.gz') ? gzipSync(text) : text);
  const time = new Date(Date.UTC(2020, 0, 1) + deliveries.next() * 1000 + number);
  await utimes(`${file}.tmp`, time, time);
  await rename(`${file}.tmp`, file);
  const records = lines.filter(isRecord);
  delivered.set(`${source} ${name}`, {
    source,
    records: records.map((line) => createHash('md5').update(line).digest('hex')),
    rejected: lines.filter((line) => line.startsWith('{"no"')).length,
  });
}

const deliveries = { count: 0, next: () => (deliveries.count += 1) };

function isRecord(line: string): boolean {
  return line !== csvHeader && !line.startsWith('{"no"');
}
