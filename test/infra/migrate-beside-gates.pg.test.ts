import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { until } from '../poll.ts';
import { freshDatabase } from '../setup/database.ts';

test('the migration of the catalogue and a gate that looks again do not wait for each other', async () => {
  const { admin, databases, drop } = await freshDatabase();
  const text = await readFile(new URL('../../infra/migrations/025-catalogue.sql', import.meta.url), 'utf8');
  await sql`alter table control.gate_run drop column reason`.execute(admin);
  try {
    const migrating = await databases.loader.transaction().execute(async (gate) => {
      await gate.selectFrom('control.gate_run').select('verdict_id').execute();
      const migrated = sql.raw(text).execute(admin);
      migrated.catch(() => undefined);
      const waits = sql<{ pid: number }>`select pid from pg_locks
        where not granted and relation = 'control.gate_run'::regclass
          and database = (select oid from pg_database where datname = current_database())`;
      await until(async () => (await waits.execute(databases.publisher)).rows.length > 0, {
        what: 'the migration waits for the gate',
        timeoutMs: 50_000,
      });
      // As a verdict that is stored locks it.
      await sql`lock table control.gate_run in row exclusive mode`.execute(gate);
      return { migrated };
    });
    await expect(migrating.migrated).resolves.toBeDefined();
  } finally {
    await drop();
  }
});
