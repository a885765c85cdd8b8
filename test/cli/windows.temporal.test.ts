import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { sayOf } from '../setup/say-of.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
let weirSays: Awaited<ReturnType<typeof sayOf>>;
beforeAll(async () => {
  weir = await testWeir();
  weirSays = await sayOf(weir);
}, 300_000);
afterAll(async () => {
  await weir.close();
});

it('reads a range, makes a model anew and replays a load', { timeout: 300_000 }, async () => {
  await weir.loadDimensions();
  await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 4));
  const models = ['--models', 'stg_transactions'];
  await (await weir.run('hourly', { asOf: AS_OF, models: ['stg_transactions'] })).result();
  const { rows } = await sql<{ id: number }>`
    select load_id as id from control.ledger where model = 'stg_transactions'`.execute(weir.database.admin);
  const load = String(rows[0]?.id);
  await sql`delete from silver.stg_transactions`.execute(weir.database.admin);

  const range = ['--from', '2017-01-02T08:00:00Z', '--to', '2017-01-02T09:00:00Z', '--as-of', AS_OF];
  expect(await weirSays('run', 'hourly', ...range, ...models)).toMatchObject({
    code: 0,
    out: 'stg_transactions: published · 3 rows · by event time, [2017-01-02T08:00:00.000Z, 2017-01-02T09:00:00.000Z)\n',
  });
  const anew = await weirSays(
    'run',
    'hourly',
    '--as-of',
    AS_OF,
    '--full-refresh',
    'stg_transactions',
    ...models,
  );
  expect(anew).toMatchObject({
    code: 0,
    out: 'stg_transactions: published · 0 rows · rebuilt from whole relations\n',
  });
  await sql`delete from silver.stg_transactions where transaction_id = 'T000002'`.execute(
    weir.database.admin,
  );
  const replayed = await weirSays('replay', load, '--json');
  expect(replayed.err).toMatch(
    new RegExp(
      `^stg_transactions: reads the 3 rows of load ${load} again; what it joins is read as of now\nstarted `,
    ),
  );
  expect(replayed.code).toBe(0);
  expect(JSON.parse(replayed.out)).toMatchObject({
    models: { stg_transactions: { state: 'published', rows: 1 } },
  });

  const [unknown, foreign, half] = await Promise.all([
    weirSays('replay', '999999'),
    sql`update control.load set timeline = 9 where load_id = ${load}`
      .execute(weir.database.admin)
      .then(() => weirSays('replay', load)),
    weirSays('run', 'hourly', '--from', '2017-01-02T08:00:00Z'),
  ]);
  expect(unknown).toMatchObject({ code: 3, err: expect.stringContaining('has no load 999999') });
  expect(foreign).toMatchObject({
    code: 3,
    err: expect.stringContaining('Transaction ids of one say nothing'),
  });
  // Before a run has begun, and in the words of the shell.
  expect(half).toMatchObject({ code: 3, err: expect.stringMatching(/^weir: --from and --to go together/) });
});
