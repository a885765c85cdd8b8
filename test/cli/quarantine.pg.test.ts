import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loginUrl } from '../../infra/local/logins.ts';
import type { Login } from '../../infra/local/logins.ts';
import { aside, gatedShop, knownStores, MODEL, sale } from '../activities/quarantine/gated-shop.ts';
import type { GatedShop } from '../activities/quarantine/gated-shop.ts';
import { say } from './say.ts';
import type { Said } from './say.ts';

let shop: GatedShop;
beforeAll(async () => {
  shop = await gatedShop();
  await shop.promise(MODEL, [
    knownStores(),
    aside('expect_column_values_to_be_between', { column: 'total_amount', max_value: 50 }),
  ]);
  await shop.land([sale('a'), sale('b'), sale('bad', 'STORE_99999'), { ...sale('dear'), amount: 60 }], {
    file: 'one',
  });
  const load = await shop.staged();
  await shop.setAside(load, await shop.look(load));
  await shop.look(load);
  await shop.publish(load);
});
afterAll(() => shop.close());

function weir(args: readonly string[], login?: Login): Promise<Said> {
  const { adminUrl } = shop.database;
  return say(['quarantine', ...args], {
    DATABASE_URL: login === undefined ? adminUrl : loginUrl(adminUrl, login),
  });
}

test('the list shows what waits and no value of it', { timeout: 300_000 }, async () => {
  const { code, out } = await weir(['list']);
  expect(code).toBe(0);
  expect(out).toContain('stg_transactions: set aside by its output gate, load 1');
  expect(out).toContain('one revision 1, line 3');
  expect(out).not.toMatch(/STORE_99999|dear|60/);
  const { out: json } = await weir(['list', '--model', MODEL, '--json']);
  expect(json).not.toMatch(/STORE_99999|dear/);
  expect(JSON.parse(json)).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
  expect((await weir(['list', '--source', 'raw_pos_events'])).out).toBe('nothing is waiting\n');
  expect(await weir(['list', '--model', 'stg_transaction'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('stg_transactions'),
  });
  expect((await weir(['list', '--state', 'gone'])).err).toContain('waiting, released, superseded');
});

test('whole rows are for those who may read results', { timeout: 300_000 }, async () => {
  expect((await weir(['show', 'b1', '--json'], 'weir_result_reader')).out).toMatch(/"record"/);
  for (const login of ['weir_analytics_reader', 'weir_validator'] as const)
    expect(await weir(['show', 'b1'], login)).toMatchObject({
      code: 3,
      err: expect.stringContaining('grant weir_result_reader'),
    });
  expect((await weir(['show', 'b99'])).err).toContain('nothing is kept as b99');
  expect((await weir(['show', '7'])).err).toContain('7 is no id');
});

test('a release says what it takes, and what it will not take', { timeout: 300_000 }, async () => {
  const release = (...args: readonly string[]) => weir(['release', ...args, '--by', 'test']);
  expect((await release('--reason', 'x')).err).toContain('ids, or --load N, or --all-of MODEL');
  expect((await release('b1', '--reason', ' ')).err).toContain('--reason is empty');
  expect((await release('b1', '--reason', 'x', '--set', 'store_id')).err).toContain('is not column=value');
  expect((await release('b1', '--reason', 'x', '--set', 'shop=1')).err).toContain('has no column shop');
  const { rows } = await sql<{
    id: string;
  }>`select 'b' || batch_quarantine_id as id from control.batch_quarantine
    where record ->> 'transaction_id' = 'bad'`.execute(shop.admin);
  const bad = rows[0]?.id ?? '';
  expect(
    await release(bad, '--set', 'store_id=STORE_00002', '--set', 'total_amount=5', '--reason', 'x', '--json'),
  ).toMatchObject({ code: 0, out: expect.stringContaining(`"${bad}"`) });
  const { rows: bronze } = await sql`
    select store_id, total_amount::float8 as amount from bronze.raw_transactions where transaction_id = 'bad'`.execute(
    shop.admin,
  );
  expect(bronze).toEqual([{ store_id: 'STORE_00002', amount: 5 }]);
  const file = path.join(shop.suitesFolder, 'record.json');
  writeFileSync(file, '{"transaction_id": "dear", "store_id": "STORE_00001", "total_amount": 6}');
  expect(await release('--all-of', MODEL, '--record', file, '--reason', 'whole')).toMatchObject({
    code: 0,
    out: expect.stringContaining('the next load of stg_transactions takes it'),
  });
  expect(await release('--load', '1', '--reason', 'x')).toMatchObject({
    code: 0,
    out: 'nothing was released: nothing that load 1 set aside waits\n',
  });
  expect(await release(`${bad},b99`, '--reason', 'x')).toMatchObject({
    code: 3,
    err: expect.stringMatching(/nothing was released\nb\d: it is released already\nb99: nothing is kept/),
  });
  expect(await release('--all-of', 'stg_transaction', '--reason', 'x')).toMatchObject({
    code: 3,
    err: expect.stringContaining('Did you mean `stg_transactions`?'),
  });
  expect(
    await release('b1', '--reason', 'x', '--record', path.join(shop.suitesFolder, 'none.json')),
  ).toMatchObject({
    code: 3,
    err: expect.stringContaining('cannot be read'),
  });
  expect((await weir(['list'])).out).toBe('nothing is waiting\n');
});
