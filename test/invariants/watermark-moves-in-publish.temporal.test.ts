import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decisionUpdates, type DecisionName } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir();
  await watch();
  await weir.loadDimensions();
});
afterEach(async () => {
  await weir.close();
});

/** Writes down, in each transaction itself, which watermarks it moves and which loads it ends as published. */
async function watch(): Promise<void> {
  const { admin } = weir.database;
  await sql`create schema audit`.execute(admin);
  await sql`create table audit.move (model text, relation text, load_id bigint, snapshot text, xid xid8)`.execute(
    admin,
  );
  await sql`create table audit.ended (model text, load_id bigint, state text, kind text, xid xid8)`.execute(
    admin,
  );
  await sql`
    create function audit.note_move() returns trigger language plpgsql security definer as $$
    begin
      insert into audit.move values (coalesce(new.model, old.model), coalesce(new.relation, old.relation), new.load_id,
        new.snapshot::text, pg_catalog.pg_current_xact_id());
      return null;
    end $$`.execute(admin);
  await sql`
    create function audit.note_ended() returns trigger language plpgsql security definer as $$
    begin
      insert into audit.ended values (new.model, new.load_id, new.state, new.read_window->>'kind',
        pg_catalog.pg_current_xact_id());
      return null;
    end $$`.execute(admin);
  await sql`create trigger audit after insert or update or delete on control.watermark
    for each row execute function audit.note_move()`.execute(admin);
  await sql`create trigger audit after insert or update on control.load
    for each row when (new.state in ('published', 'empty')) execute function audit.note_ended()`.execute(
    admin,
  );
}

/** Moves without a load that was published in their transaction, and loads by arrival that moved nothing. */
async function apart(): Promise<unknown> {
  const { rows } = await sql`
    select 'moved alone' as what, model, load_id from audit.move as m
    where not exists (select from audit.ended as e where (e.model, e.load_id, e.xid) = (m.model, m.load_id, m.xid))
    union all
    select 'moved elsewhere', m.model, m.load_id from audit.move as m join control.load using (load_id)
    where read_window #>> array['deltas', m.relation, 'to'] is distinct from m.snapshot
    union all
    select 'published without moving', model, load_id from audit.ended as e
    where kind = 'arrival' and not exists (select from audit.move as m where (m.load_id, m.xid) = (e.load_id, e.xid))`.execute(
    weir.database.admin,
  );
  return rows;
}

async function moves(model = 'stg_transactions'): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from audit.move where model = ${model}`.execute(weir.database.admin);
  return rows[0]?.n ?? 0;
}

async function decide(run: Run, name: DecisionName, verdictId: string): Promise<void> {
  const args: [{ verdictId: string; reason: string; by: string }] = [
    { verdictId, reason: 'a reason long enough to count', by: 'test' },
  ];
  await run.executeUpdate(decisionUpdates[name], { args });
}

describe('invariant 3: a watermark moves only in the transaction that publishes its window', () => {
  it('through a hold, a retry, an end without publishing, a reload, an override and an empty hour', async () => {
    await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
    const given = await weir.run('hourly', { asOf: AS_OF });
    const first = await weir.heldVerdict('stg_transactions');
    expect(await moves()).toBe(0);
    await decide(given, 'retryGate', first);
    await decideOnceHeldAgain(given, 'abandon', first);
    await expect(given.result()).rejects.toThrow();
    expect(await moves()).toBe(0);

    const reloaded = await weir.run('hourly', { asOf: AS_OF });
    const second = await weir.heldVerdict('stg_transactions');
    await weir.land(HOUR, baskets(1, 9));
    await decide(reloaded, 'reloadAndRetry', second);
    await reloaded.result();
    expect(await moves()).toBe(1);

    await weir.land('transactions/2017-01-02T09.jsonl', [OVER_LIMIT]);
    const overridden = await weir.run('hourly', { asOf: AS_OF });
    await decide(overridden, 'overrideGate', await weir.heldVerdict('stg_transactions'));
    await overridden.result();
    expect(await moves()).toBe(2);
    await (await weir.run('hourly', { asOf: AS_OF })).result();
    expect(await moves()).toBe(3);
    expect(await apart()).toEqual([]);
    const { rows } = await sql`
      select from silver.stg_transactions where _xid not in (select xid from audit.move)`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([]);
  });

  it('not in a publish that is rolled back midway', async () => {
    await weir.land(HOUR, baskets(1, 9));
    const trap = await setTrap(weir, 'publish');
    const run = await weir.run('hourly', { asOf: AS_OF });
    await trap.caught();
    await sql`select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(
      weir.database.admin,
    );
    expect(await moves()).toBe(0);
    await trap.open();
    await run.result();
    expect(await moves()).toBe(1);
    expect(await apart()).toEqual([]);
  });

  it('not for a window by event time', async () => {
    await weir.land(HOUR, baskets(1, 9));
    const interval = {
      asOf: AS_OF,
      intervalStart: '2017-01-02T08:00:00Z',
      intervalEnd: '2017-01-02T09:00:00Z',
    };
    const { models } = await (
      await weir.run('hourly', { ...interval, models: ['stg_transactions'] })
    ).result();
    expect(models['stg_transactions']).toMatchObject({ state: 'published', rows: 8 });
    expect(await moves()).toBe(0);
  });

  it('and only the login that publishes may move one', async () => {
    const { rows } = await sql<{ login: string }>`
      select rolname as login from pg_roles
      where rolname like 'weir\\_%' and has_table_privilege(rolname, 'control.watermark', 'insert, update, delete')`.execute(
      weir.database.admin,
    );
    expect(rows).toEqual([{ login: 'weir_publisher' }]);
  });
});

/** Decides about a verdict that stays while its gate is asked again: refused until the gate holds again. */
async function decideOnceHeldAgain(run: Run, name: DecisionName, verdictId: string): Promise<void> {
  await until(
    () =>
      decide(run, name, verdictId).then(
        () => true,
        () => false,
      ),
    { what: `${name} is taken`, timeoutMs: 60_000 },
  );
}
