import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../../activities/gate.ts';
import { createLook } from '../../activities/look.ts';
import type { LookInput } from '../../activities/look.ts';
import type { Gate } from '../../expectations/verdict.ts';
import { until } from '../poll.ts';
import { folders, openShop, runOf } from './shop.ts';
import type { Shop } from './shop.ts';

const run = runOf('hour-10');
const at = '2017-01-30T23:30:00';
const NOTHING = { type: 'NothingChanged', category: 'BENIGN', nonRetryable: false };

let shop: Shop;
let landingFolder: string;
beforeEach(async () => {
  shop = await openShop();
  landingFolder = await mkdtemp(join(tmpdir(), 'weir-look-'));
});
afterEach(async () => {
  await rm(landingFolder, { recursive: true, force: true });
  await shop.database.drop();
});

/** Opens a load, asks its gate, and gives what a look at it is asked with. */
async function asked(model: string, gate: Gate, more: object = {}): Promise<LookInput> {
  const { databases } = shop.database;
  const { loadId } = await shop.openWindow(model, run, more);
  if (gate === 'output') await shop.stage({ loadId, run });
  const suite = model === 'stg_transactions' && gate === 'input' ? 'transactions' : model;
  const verdict = await createGate({ databases, folders }).gate({ loadId, model, gate, suite, run });
  const { evaluationId } = verdict;
  return { loadId, model, gate, evaluationId, sources: ['raw_transactions'], seen: [], looks: 0, run };
}

function look(input: LookInput) {
  const pace = { firstMs: 1, mostMs: 1 };
  return createLook({ databases: shop.database.databases, folders, landingFolder, look: pace }).look(input);
}

/** A file has to stand still for a moment before it is there. */
function lookUntilFound(input: LookInput) {
  return until(() => look(input).catch(() => null), { what: 'the file is seen' });
}

async function deliver(name: string, text = '{}\n'): Promise<void> {
  await mkdir(join(landingFolder, 'transactions'), { recursive: true });
  const file = join(landingFolder, 'transactions', name);
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
}

async function knowStores(...stores: readonly string[]): Promise<void> {
  for (const store of stores)
    await sql`insert into gold.dim_stores (store_id) values (${store})`.execute(shop.admin);
}

describe('a look at an input gate', () => {
  beforeEach(async () => {
    await knowStores('STORE_00001');
    await shop.land([{ id: 'T1', at }], { file: 'one.jsonl' });
  });

  test('finds nothing where nothing has changed, and asks to be tried again in a while', async () => {
    const input = await asked('stg_transactions', 'input');
    await expect(look(input)).rejects.toMatchObject(NOTHING);
    // What the load itself has seen is nothing new, nor is what another model publishes.
    await sql`insert into gold.dim_stores (store_id, store_name) values ('X', 'x')`.execute(shop.admin);
    await sql`delete from gold.dim_stores where store_id = 'X'`.execute(shop.admin);
    await expect(look(input)).rejects.toMatchObject(NOTHING);
  });

  test('finds rows that committed since, those of a transaction that was open then among them', async () => {
    let committed: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (committed = resolve));
    let written: () => void = () => undefined;
    const wrote = new Promise<void>((resolve) => (written = resolve));
    const late = shop.admin.transaction().execute(async (trx) => {
      await shop.land([{ id: 'T2', at }], { file: 'late.jsonl' }, trx);
      written();
      await waiting;
    });
    await wrote;
    const input = await asked('stg_transactions', 'input');
    await expect(look(input)).rejects.toMatchObject(NOTHING);
    committed();
    await late;
    expect(await look(input)).toEqual({
      changed: 'source',
      what: 'rows have come to raw_transactions',
      seen: [],
    });
  });

  test('finds a retraction', async () => {
    const input = await asked('stg_transactions', 'input');
    await shop.retract('one.jsonl', 1);
    expect(await look(input)).toMatchObject({ changed: 'source' });
  });

  test('finds files once, and no names of theirs leave', async () => {
    const input = await asked('stg_transactions', 'input');
    await deliver('of-ada@example.org.jsonl');
    const found = await lookUntilFound(input);
    expect(found).toMatchObject({ changed: 'source', what: '1 file delivered to raw_transactions' });
    expect(JSON.stringify(found)).not.toContain('ada');
    await expect(look({ ...input, seen: found.seen })).rejects.toMatchObject(NOTHING);
    await deliver('another.jsonl');
    expect(await lookUntilFound({ ...input, seen: found.seen })).toMatchObject({
      what: '1 file delivered to raw_transactions',
    });
  });

  test('compares parameters as they were read, whatever order their rows come in', async () => {
    await knowStores('STORE_00002', 'STORE_00003');
    const input = await asked('stg_transactions', 'input');
    await sql`delete from gold.dim_stores where store_id = 'STORE_00001'`.execute(shop.admin);
    await knowStores('STORE_00001');
    await expect(look(input)).rejects.toMatchObject(NOTHING);
    await knowStores('STORE_00004');
    expect(await look(input)).toMatchObject({
      changed: 'parameter',
      what: 'parameter valid_store_ids changed',
    });
  });

  test('finds that parameters can be read now', async () => {
    await sql`delete from gold.dim_stores`.execute(shop.admin);
    const input = await asked('stg_transactions', 'input');
    await expect(look(input)).rejects.toMatchObject(NOTHING);
    await knowStores('STORE_00001');
    expect(await look(input)).toMatchObject({
      changed: 'parameter',
      what: 'its parameters can be read now',
    });
  });

  test('of an interval of event time counts what lies in it, and of a replay nothing', async () => {
    const interval = { start: '2017-01-30T23:00:00.000Z', end: '2017-01-31T00:00:00.000Z' };
    const input = await asked('stg_transactions', 'input', { interval });
    await shop.land([{ id: 'T5', at: '2017-01-31T04:00:00' }], { file: 'next.jsonl' });
    await expect(look(input)).rejects.toMatchObject(NOTHING);
    await shop.land([{ id: 'T6', at }], { file: 'late.jsonl' });
    expect(await look(input)).toMatchObject({ changed: 'source' });
  });
});

describe('a look at an output gate', () => {
  test('of a model without deltas finds what was written to what it reads', async () => {
    await sql`
      insert into bronze.raw_stores (store_id, _source, _revision, _load, _position, _record_hash)
      values ('STORE_00001', 'stores', 1, 1, 1, gen_random_uuid())`.execute(shop.admin);
    const input = { ...(await asked('dim_stores', 'output')), sources: [] };
    await expect(look(input)).rejects.toMatchObject(NOTHING);
    await sql`
      insert into bronze.raw_stores (store_id, _source, _revision, _load, _position, _record_hash)
      values ('STORE_00002', 'stores', 1, 2, 1, gen_random_uuid())`.execute(shop.admin);
    expect(await look(input)).toMatchObject({ changed: 'source', what: 'bronze.raw_stores has changed' });
  });
});
