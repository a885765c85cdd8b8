import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from '../../activities/databases.ts';
import type { Sale, Shop } from '../activities/shop.ts';
import type { Random } from './random.ts';

/** What writers did to a source, in transactions and savepoints. */
export interface Writes {
  committed: number;
  rolledBack: number;
  savepointsRolledBack: number;
  stalled: number;
  corrected: number;
}

const ids = 150;
const stores = ['STORE_00001', 'STORE_00002', 'STORE_00003'] as const;

function sale(random: Random): Sale {
  const day = 1 + random.integer(5);
  return {
    id: random.chance(0.03) ? null : `T${random.integer(ids)}`,
    store: random.pick(stores),
    amount: random.integer(500),
    at: `2017-01-0${day}T${String(random.integer(24)).padStart(2, '0')}:00:00`,
  };
}

function sales(random: Random): readonly Sale[] {
  return Array.from({ length: 1 + random.integer(4) }, () => sale(random));
}

/**
 * Writes files until told to stop: commits, rolls back, stalls with the transaction open, and delivers earlier files
 * again with other content.
 */
export async function writeUntil(
  stopped: () => boolean,
  shop: Shop,
  db: Database,
  random: Random,
  name: string,
  writes: Writes,
): Promise<void> {
  const revisions = new Map<string, number>();
  for (let number = 0; !stopped(); number += 1) {
    const known = [...revisions.keys()];
    const corrects = known.length > 0 && random.chance(0.15);
    const file = corrects ? (known[random.integer(known.length)] ?? name) : `${name}-${number}`;
    const revision = (revisions.get(file) ?? 0) + 1;
    const ends = await writeFile(shop, db, random, { file, revision }, writes);
    if (ends) revisions.set(file, revision);
    if (ends && corrects) writes.corrected += 1;
  }
}

class RolledBack extends Error {}

/** @returns whether it was committed. */
async function writeFile(
  shop: Shop,
  db: Database,
  random: Random,
  landed: { readonly file: string; readonly revision: number },
  writes: Writes,
): Promise<boolean> {
  try {
    await db.transaction().execute(async (trx) => {
      if (landed.revision > 1) await shop.retract(landed.file, landed.revision - 1, trx);
      if (random.chance(0.2)) await landAndTakeBack(shop, trx, random, landed, writes);
      // A corrected file may have come empty.
      if (landed.revision === 1 || random.chance(0.8)) await shop.land(sales(random), landed, trx);
      if (random.chance(0.3)) {
        writes.stalled += 1;
        await pause(random.integer(150)); // A transaction that stays open is the fault that is injected here.
      }
      if (random.chance(0.2)) throw new RolledBack();
    });
    writes.committed += 1;
    return true;
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    writes.rolledBack += 1;
    return false;
  }
}

async function landAndTakeBack(
  shop: Shop,
  trx: DatabaseTransaction,
  random: Random,
  landed: { readonly file: string; readonly revision: number },
  writes: Writes,
): Promise<void> {
  await sql`savepoint before`.execute(trx);
  await shop.land(sales(random), landed, trx);
  await sql`rollback to savepoint before`.execute(trx);
  writes.savepointsRolledBack += 1;
}
