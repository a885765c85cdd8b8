import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShop, runOf, type Shop } from '../activities/shop.ts';
import { freshDatabase } from '../setup/database.ts';
import { say } from './say.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
}, 120_000);
afterAll(async () => {
  await shop.database.drop();
});

const weir = (...args: string[]) => say(args, { DATABASE_URL: shop.database.adminUrl });

test('copies in a database that was never migrated: said of the database, not of a model', async () => {
  const bare = await freshDatabase({ migrated: false });
  const { code, err } = await say(['run', '--schema', 'try_me', '--select', 'stg_transactions'], {
    DATABASE_URL: bare.adminUrl,
  });
  await bare.drop();
  expect(err).toBe('weir: the database is not what this version needs: `weir migrate` makes it so\n');
  expect(code).toBe(3);
});

test('a source whose connection has no URL: said of this shell, not of the worker', async () => {
  const { code, err } = await say(['reconcile', 'raw_customers'], {
    DATABASE_URL: shop.database.adminUrl,
    WEIR_SOURCE_CRM_URL: undefined,
  });
  expect(err).toContain('WEIR_SOURCE_CRM_URL is not set in this shell');
  expect(err).not.toContain('worker again');
  expect(code).toBe(3);
});

test('a chore that there is not: refused before a housekeeping begins', async () => {
  // Nothing answers at that address: a run cannot have begun.
  const { code, err } = await say(['housekeeping', '--chores', 'retenton'], {
    DATABASE_URL: shop.database.adminUrl,
    TEMPORAL_ADDRESS: 'localhost:1',
  });
  expect(err).toMatch(
    /^weir: there is no chore retenton\. Did you mean `retention`\? There are partitions, /,
  );
  expect(code).toBe(3);
});

test('a column that a model has not: the columns that Weir keeps for itself are not offered', async () => {
  const { code, err } = await weir('lineage', 'silver.stg_transactions.nope');
  expect(err).toContain('It has transaction_id, ');
  expect(err).not.toMatch(/_xid|_record_hash/);
  expect(code).toBe(3);
});

test('watermarks that are of this database already are not adopted, and nothing is written down', async () => {
  await shop.land([{ id: 'a' }], { file: 'one' });
  await shop.load('stg_transactions', runOf('monday'));
  const [all, one] = await Promise.all([
    weir('watermark', 'adopt', '--all', '--reason', 'x'),
    weir('watermark', 'adopt', 'stg_transactions', '--reason', 'x'),
  ]);
  expect(all).toMatchObject({
    code: 3,
    err: expect.stringContaining('Every watermark is of this database already: nothing to adopt'),
  });
  expect(one).toMatchObject({
    code: 3,
    err: expect.stringContaining('The watermark of stg_transactions is of this database already'),
  });
  expect(await shop.admin.selectFrom('control.watermark_adoption').selectAll().execute()).toEqual([]);
});

test('gate list does not wait for a Temporal that is not there', async () => {
  const { code, err } = await say(['gate', 'list'], {
    DATABASE_URL: shop.database.adminUrl,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  });
  expect(err).toBe(
    'weir: Temporal does not answer at 127.0.0.1:1 (ECONNREFUSED): is it running, and does TEMPORAL_ADDRESS say where?\n',
  );
  expect(code).toBe(3);
});

test('migrate tells a program what it did', async () => {
  const { code, out } = await weir('migrate', '--json');
  expect(JSON.parse(out)).toEqual({ applied: [] });
  expect(code).toBe(0);
});

// The second goes on for a moment after it has written: it closes its connections.
test.each(['completion bash', 'quarantine list'])(
  'a reader that has enough of weir %s is no error',
  (words) => {
    const weirFile = path.resolve(import.meta.dirname, '..', '..', 'cli', 'weir.ts');
    // Nobody reads any more by the time that it writes.
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', `set -o pipefail; '${process.execPath}' '${weirFile}' ${words} | :`],
      { encoding: 'utf8', env: { ...process.env, DATABASE_URL: shop.database.adminUrl } },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  },
);

test('colours are for terminals, and for who forces them', async () => {
  const status = (env: NodeJS.ProcessEnv) =>
    say(['status'], { DATABASE_URL: shop.database.adminUrl, TEMPORAL_ADDRESS: '127.0.0.1:1', ...env });
  const [piped, forced, both] = await Promise.all([
    // Where nothing is said, picocolors takes CI for a wish for colours.
    status({ NO_COLOR: undefined, CI: 'true' }),
    status({ NO_COLOR: undefined, FORCE_COLOR: '1' }),
    status({ NO_COLOR: '1', FORCE_COLOR: '1' }),
  ]);
  expect(piped.out).toContain('MODEL');
  expect(piped.out).not.toContain('\u001B[');
  expect(forced.out).toContain('\u001B[');
  expect(both.out).not.toContain('\u001B[');
});
