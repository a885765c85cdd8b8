import { sql } from 'kysely';
import type { OpenInput } from '../../activities/open.ts';
import { seeded } from '../invariants/random.ts';
import type { Random } from '../invariants/random.ts';
import type { Sale, Shop } from './shop.ts';
import { runOf } from './shop.ts';

export const [silver, gold] = ['stg_transactions', 'fct_daily_sales'] as const;
export const run = runOf('mixed');

/** A store that the gates of some tests do not know. */
export const STRANGE = 'STORE_99999';

/** What tests with gates do besides. */
export interface MixedHooks {
  /** Share of rows whose store is the strange one; 0 where no gate looks at it. */
  readonly strange: number;
  /** Called with what was opened, before it is staged, and again after it with the attempt. */
  readonly beside?: (mix: Mix, load: { loadId: number; attempt: number; model: string }) => Promise<void>;
  /** Takes the window by arrival of silver when all is quiet; loads it when left out. */
  readonly settle?: (mix: Mix) => Promise<void>;
}

/** Files, corrections, late commits and loads of every kind in one order of a seed. */
export interface Mix {
  readonly random: Random;
  /** What was done, for whoever reads a failure. */
  readonly said: string[];
  /** A dozen things at random, then quiet: nobody writes, silver and gold have taken what arrived. */
  readonly round: () => Promise<void>;
}

interface LateWriter {
  readonly commit: () => void;
  readonly done: Promise<void>;
}

/** @param seed decides everything but how long each statement takes. */
export function mixOf(shop: Shop, seed: number, hooks: MixedHooks = { strange: 0 }): Mix {
  const random = seeded(seed);
  const revisions = new Map<string, number>();
  const late: LateWriter[] = [];
  const said: string[] = [];

  const write = async (): Promise<void> => {
    const names = [...revisions.keys()];
    const again = names.length > 0 && random.chance(1 / 3);
    const file = again ? (names[random.integer(names.length)] ?? '') : `f${revisions.size}`;
    const before = revisions.get(file) ?? 0;
    revisions.set(file, before + 1);
    const sales = someSales(random, hooks.strange);
    said.push(`${file} revision ${before + 1}: ${sales.map(({ id }) => id).join()}`);
    const writer = await begin(shop, async (db) => {
      if (before > 0) await shop.retract(file, before, db);
      await shop.land(sales, { file, revision: before + 1 }, db);
    });
    if (!again && random.chance(1 / 3)) late.push(writer);
    else await end(writer);
  };

  const commitOne = async (): Promise<void> => {
    const [writer] = late.splice(random.integer(Math.max(1, late.length)), 1);
    if (writer === undefined) return;
    await end(writer);
    said.push('a late commit');
  };

  const load = async (): Promise<void> => {
    const model = random.pick([silver, gold]);
    const way = await someWay(shop, random, model);
    said.push(`${model} ${JSON.stringify(way)}`);
    const { loadId, empty } = await shop.openWindow(model, run, way);
    if (random.chance(0.2)) await write();
    let attempt = 0;
    if (!empty) {
      await hooks.beside?.(mix, { loadId, attempt, model });
      attempt = (await shop.stage({ loadId, run })).attempt;
      await hooks.beside?.(mix, { loadId, attempt, model });
    }
    if (random.chance(1 / 6)) {
      said.push('given up');
      await shop.release({ model, run, outcome: 'abandoned' });
    } else await shop.publish({ loadId, run, attempt });
  };

  const quiet = async (): Promise<void> => {
    while (late.length > 0) await commitOne();
  };

  const round = async (): Promise<void> => {
    try {
      for (let step = 0; step < 12; step += 1) await random.pick([write, write, commitOne, load, load])();
    } finally {
      await quiet(); // A step that fails would leave writers open, and the database could not be dropped.
    }
    if (hooks.settle === undefined) await shop.load(silver, run);
    else await hooks.settle(mix);
    await shop.load(gold, run);
  };

  const mix: Mix = { random, said, round };
  return mix;
}

function someSales(random: Random, strange: number): readonly Sale[] {
  const ids = new Set(
    Array.from({ length: 1 + random.integer(4) }, () => 'abcdefgh'[random.integer(8)] ?? 'a'),
  );
  return [...ids].map((id) => ({
    id,
    store: random.chance(strange) ? STRANGE : `STORE_0000${1 + random.integer(2)}`,
    amount: 1 + random.integer(9),
    at: `2017-01-${28 + random.integer(3)}T10:00:00`,
  }));
}

/** Writes in a transaction that waits to be committed. */
async function begin(shop: Shop, work: (db: Shop['admin']) => Promise<void>): Promise<LateWriter> {
  const told = Promise.withResolvers<void>();
  const wrote = Promise.withResolvers<void>();
  const done = shop.admin.transaction().execute(async (trx) => {
    await work(trx);
    wrote.resolve();
    await told.promise;
  });
  await Promise.race([wrote.promise, done]);
  return { commit: told.resolve, done };
}

async function end({ commit, done }: LateWriter): Promise<void> {
  commit();
  await done;
}

async function someWay(shop: Shop, random: Random, model: string): Promise<Partial<OpenInput>> {
  switch (random.integer(6)) {
    case 0:
      return { rebuild: true };
    case 1: {
      const loads = await shop.admin
        .selectFrom('control.load')
        .select('load_id')
        .where('model', '=', model)
        .where('state', '=', 'published')
        .orderBy('load_id')
        .execute();
      const one = loads[random.integer(Math.max(1, loads.length))];
      return one === undefined ? {} : { replay: one.load_id };
    }
    case 2: {
      const day = 28 + random.integer(3);
      return { interval: { start: `2017-01-${day}T00:00:00Z`, end: `2017-01-${day}T23:59:00Z` } };
    }
    default:
      return {};
  }
}

/** What plain SQL makes of everything committed, but for rows of the strange store. */
export async function expected(shop: Shop) {
  const { rows } = await sql<{ silver: unknown; gold: unknown }>`
    with latest as (
      select distinct on (transaction_id) * from bronze.raw_transactions as b
      where store_id <> ${STRANGE} and not exists (
        select from control.retraction as r where (r.file, r.revision) = (b._source, b._revision)
      ) order by transaction_id, _revision desc, _load desc, _position desc
    )
    select (
        select coalesce(jsonb_agg(jsonb_build_object('id', transaction_id, 'store', store_id, 'amount', total_amount::float8)
          order by transaction_id), '[]') from latest
      ) as silver, (
        select coalesce(jsonb_agg(day order by day ->> 'day', day ->> 'store'), '[]') from (
          select jsonb_build_object('day', transaction_timestamp::date::text, 'store', store_id,
            'transactions', count(*), 'sales', sum(total_amount)::float8) as day
          from latest group by transaction_timestamp::date, store_id
        ) as days
      ) as gold`.execute(shop.admin);
  return rows[0];
}

/** What readers see. */
export async function published(shop: Shop) {
  return { silver: await shop.silver(), gold: await shop.gold() };
}

/** Seeds of a test; more of them by hand: `SEEDS=3,4,5 vitest run …`. */
export const seeds = (process.env['SEEDS'] ?? '1').split(',').map(Number);
