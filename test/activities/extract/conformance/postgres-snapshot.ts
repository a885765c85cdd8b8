import { sql } from 'kysely';
import type { ReaderHarness } from './harness.ts';
import { tableHands } from './tables.ts';

export const harness: ReaderHarness = {
  kind: 'arrivals',
  settings: ['connection: outside', 'relation: outside.records'],
  hands: (place) =>
    tableHands(place, [
      sql`alter table outside.records add column _xid xid8 not null default pg_current_xact_id()`,
      sql`create index on outside.records (_xid)`,
      sql`create function outside.written() returns trigger language plpgsql as
        $$ begin new._xid := pg_current_xact_id(); return new; end $$`,
      sql`create trigger written before insert or update on outside.records for each row execute function outside.written()`,
    ]),
};
