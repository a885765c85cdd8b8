/** Statements that make tables of a schema `shop`: usual ones, and what nobody expects of names, types and values. */
export const hostileTables: readonly string[] = [
  `create table shop.stores (store_id text primary key, city text)`,
  `insert into shop.stores select 'S' || i, 'city ' || i % 3 from generate_series(1, 30) i`,
  `create table shop.sales (
     transaction_id text primary key, line integer not null, "store id" text references shop.stores, at timestamptz,
     net_amount numeric(12,2), total_amount numeric(12,2), currency text, card_number text, email text,
     opened date, closed date, payload jsonb, note text, ratio double precision, nothing text, raw text, code char(4),
     unique (at, line))`,
  `insert into shop.sales select 'T' || lpad(i::text, 8, '0'), i % 4 + 1, 'S' || i % 30 + 1,
     now() - interval '1 hour' - i * interval '1 minute', i % 90 + 0.5, i % 90 + 1.5 + i % 3,
     case when i % 2 = 0 then 'EUR' else 'USD' end, lpad((i * 7919)::text, 16, '4'), 'user' || i || '@example.org',
     date '2017-01-01' + i % 60, date '2017-01-02' + i % 60 + i % 5, '{}', repeat('words ', i % 50),
     case when i % 40 = 0 then 'NaN'::float8 when i % 41 = 0 then 'Infinity' else i end, null,
     '{"i": ' || i || '}', case when i % 100 = 0 then null else 'A' || i % 900 + 100 end
     from generate_series(1, 1000) i`,
  `create table shop.empty (id integer, name text)`,
  `create table shop.one (id integer, name text)`,
  `insert into shop.one values (1, 'a')`,
  `create table shop."no columns" ()`,
  `create type shop.mood as enum ('good', 'bad')`,
  `create domain shop.positive as integer check (value > 0)`,
  `create table shop."O'Dd.""Tab{le}" ("a""b" integer, "c'd" text, "e.f {g}" text, "Grün €" text, "select" integer, "${'n'.repeat(63)}" integer)`,
  `insert into shop."O'Dd.""Tab{le}" select i, 'x''' || i % 3, 'a{' || i || '}', 'ü' || i % 7, -i, i * 1000000 from generate_series(1, 50) i`,
  `create table shop.kinds (
     bc date, forever timestamptz, past timestamp, nan numeric, huge numeric, big bigint, feeling shop.mood,
     positive shop.positive, tags text[], doc json, who uuid, yes boolean, span interval, bits bytea, ip inet,
     "when" time, tiny smallint, r real, spaced varchar(20), lines text, empty text)`,
  `insert into shop.kinds select
     case when i = 1 then date '0044-03-15 BC' else date '2020-01-01' end,
     case when i % 2 = 0 then 'infinity'::timestamptz else '-infinity' end, timestamp '2020-01-01' + i * interval '1 hour',
     case when i = 3 then 'NaN'::numeric else i end, 12345678901234567890123456789 + i, 9007199254740993 + i,
     (case when i % 2 = 0 then 'good' else 'bad' end)::shop.mood, i, array['a', null], '{"a": 1}', gen_random_uuid(), i % 2 = 0,
     interval '1 day', 'abc', '10.0.0.1', '10:00', i % 5, i / 3.0, ' ' || i || ' ', 'a' || chr(10) || i, ''
     from generate_series(1, 60) i`,
  `create view shop.seen as select * from shop.sales`,
  `create table shop.wide (${Array.from({ length: 300 }, (_, i) => `c${i} ${['integer', 'text', 'timestamptz'][i % 3] ?? 'text'}`).join(', ')})`,
  `insert into shop.wide select ${Array.from({ length: 300 }, (_, i) => ['i', `'v' || i % 4`, `now() - i * interval '1 day'`][i % 3] ?? 'i').join(', ')} from generate_series(1, 40) i`,
  `grant usage on schema shop to weir_validator`,
  `grant select on all tables in schema shop to weir_validator`,
];

/** Their names, as a shell has them. */
export const hostileNames = [
  'sales',
  'seen',
  'empty',
  'one',
  'no columns',
  `O'Dd."Tab{le}`,
  'kinds',
  'wide',
] as const;
