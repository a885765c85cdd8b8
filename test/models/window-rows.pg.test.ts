import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyWindow } from '../../activities/load-window.ts';
import { notRetracted, windowRows } from '../../models/statements/window-rows.ts';
import { parseSnapshot } from '../../models/window.ts';
import type { Window } from '../../models/window.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';

const HIGHEST = 30;
const name = 'raw_pos_events';
const relation = { name, timeColumn: 'event_ts', zoned: false };

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  // One row a transaction and revision: a snapshot is only numbers to whoever reads them.
  await sql`insert into bronze.raw_pos_events
      (store_id, sku, quantity_change, event_ts, _source, _revision, _load, _position, _record_hash, _xid)
    select 'S1', 'P1', 1, timestamp '2017-01-01' + x * interval '10 minutes', 'f', r, 1, x, md5(x::text)::uuid, x::text::xid8
    from generate_series(3, ${HIGHEST}::int) as x, generate_series(1, 2) as r`.execute(database.admin);
  await database.admin
    .insertInto('control.retraction')
    .values({ source: name, file: 'f', revision: 1, replaced_by: 2, workflow_id: 'test' })
    .execute();
});
afterAll(() => database.drop());

const xid = fc.integer({ min: 3, max: HIGHEST + 2 });

/** A `pg_snapshot` as Postgres writes one: what is in flight is between its first two numbers. */
const snapshot = fc.tuple(xid, fc.uniqueArray(xid, { maxLength: 4 })).map(([xmax, list]) => {
  const xip = list.filter((one) => one < xmax).toSorted((a, b) => a - b);
  return `${xip[0] ?? xmax}:${xmax}:${xip.join(',')}`;
});
/** A later one has no lower end. */
const bounds = fc
  .tuple(fc.option(snapshot), snapshot)
  .filter(
    ([from, to]) =>
      from === null || parseSnapshot(from).xmax.padStart(2) <= parseSnapshot(to).xmax.padStart(2),
  );
const instant = fc.integer({ min: 0, max: 60 * HIGHEST }).map((minutes) => {
  return new Date(Date.UTC(2017, 0, 1, 0, minutes)).toISOString();
});
const window: fc.Arbitrary<Window> = fc.oneof(
  fc
    .tuple(bounds, fc.constantFrom(name, 'another'))
    .map(([[from, to], of]) => ({ kind: 'arrival' as const, deltas: { [of]: { from, to } } })),
  fc
    .tuple(instant, instant, snapshot, fc.constantFrom(name, 'another'))
    .map(([start, end, to, of]) => ({ kind: 'interval' as const, start, end, to, deltas: [of] })),
  fc.constant({ kind: 'whole' as const }),
);

test('the condition with bound values chooses what the view over settings shows, whatever the window', async () => {
  let most = 0;
  await fc.assert(
    fc.asyncProperty(window, async (chosen) => {
      const [shown, chose] = await database.admin.transaction().execute(async (trx) => {
        await applyWindow(trx, chosen, '2017-01-02T00:00:00Z');
        const read = (from: ReturnType<typeof sql>) =>
          sql`select _xid::text as xid, _revision as revision from ${from} order by _xid, _revision`.execute(
            trx,
          );
        const view = await read(sql`delta.raw_pos_events`);
        const rows = sql`${windowRows(relation, chosen, 't')} and ${notRetracted(name, 't')}`;
        return [
          view.rows,
          (await read(sql`(select * from bronze.raw_pos_events as t where ${rows}) as chosen`)).rows,
        ];
      });
      expect(chose).toEqual(shown);
      most = Math.max(most, shown.length);
    }),
    { numRuns: 300 },
  );
  expect(most).toBeGreaterThan(0);
});

test('a relation without a time column has no row in a window by event time', () => {
  const chosen: Window = { kind: 'interval', start: 'a', end: 'b', to: '3:3:', deltas: [name] };
  const found = windowRows({ ...relation, timeColumn: null }, chosen, 't');
  expect(found.compile(database.admin).sql).toBe('false');
});
