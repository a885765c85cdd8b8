import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../../expectations/json.ts';
import { expectation } from '../../expectations/suite-text.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { askTrap, emptySchema } from './proving.ts';
import type { Trap } from './proving.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
beforeEach(() => emptySchema(database.admin));
afterAll(() => database.drop());

const unique = (column: string): JsonObject => expectation('expect_column_values_to_be_unique', { column });
const together = (...column_list: string[]): JsonObject =>
  expectation('expect_compound_columns_to_be_unique', { column_list });

const unheeded = (...statements: readonly string[]): readonly string[] => [
  'set session_replication_role = replica',
  ...statements,
  'reset session_replication_role',
];

const uniqueness: readonly Trap[] = [
  {
    because: 'a deferrable index is checked by a trigger, which can be off',
    statements: [
      'create table proofs.t (a int unique deferrable initially immediate)',
      ...unheeded('insert into proofs.t values (1), (1)'),
    ],
    promise: unique('a'),
  },
  {
    because: 'a deferred index is checked by a trigger, which can be off',
    statements: [
      'create table proofs.t (a int unique deferrable initially deferred)',
      ...unheeded('insert into proofs.t values (1), (1)'),
    ],
    promise: unique('a'),
  },
  {
    because: 'a partial index covers only some rows',
    statements: [
      'create table proofs.t (a int, b int)',
      'create unique index on proofs.t (a) where b > 0',
      'insert into proofs.t values (1, 0), (1, 0)',
    ],
    promise: unique('a'),
  },
  {
    because: 'an index of an expression is about that expression',
    statements: [
      'create table proofs.t (a int, b int)',
      'create unique index on proofs.t (a, (b + 0))',
      'insert into proofs.t values (1, 0), (1, 1)',
    ],
    promise: unique('a'),
  },
  {
    because: 'the index has more columns than the promise',
    statements: [
      'create table proofs.t (a int, b int, unique (a, b))',
      'insert into proofs.t values (1, 0), (1, 1)',
    ],
    promise: unique('a'),
  },
  {
    because: 'columns that an index includes are no keys',
    statements: [
      'create table proofs.t (a int, b int, unique (a) include (b))',
      'insert into proofs.t values (1, 0), (2, 0)',
    ],
    promise: unique('b'),
  },
  {
    because: 'the index is of the parent alone',
    statements: [
      'create table proofs.t (a int unique)',
      'create table proofs.child () inherits (proofs.t)',
      'insert into proofs.t values (1)',
      'insert into proofs.child values (1)',
    ],
    promise: unique('a'),
  },
  {
    because: 'each partition has an index, the whole has none',
    statements: [
      'create table proofs.t (a int, p int) partition by list (p)',
      'create table proofs.t1 partition of proofs.t for values in (1)',
      'create table proofs.t2 partition of proofs.t for values in (2)',
      'create unique index on proofs.t1 (a)',
      'create unique index on proofs.t2 (a)',
      'insert into proofs.t values (1, 1), (1, 2)',
    ],
    promise: unique('a'),
  },
  {
    because: 'the partitioned index lacks a partition',
    statements: [
      'create table proofs.t (a int, p int) partition by list (a)',
      'create table proofs.t1 partition of proofs.t for values in (1)',
      'create unique index on only proofs.t (a)',
      'insert into proofs.t values (1, 1), (1, 2)',
    ],
    promise: unique('a'),
  },
  {
    because: 'the index tells apart what the column’s collation does not',
    statements: [
      `create collation proofs.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
      'create table proofs.t (a text collate proofs.loose)',
      'create unique index on proofs.t (a collate "C")',
      `insert into proofs.t values ('x'), ('X')`,
    ],
    promise: unique('a'),
  },
  {
    because: 'the index tells apart what the type’s own equality does not',
    statements: [
      'create type proofs.pair as (n numeric)',
      'create table proofs.t (a proofs.pair)',
      'create unique index on proofs.t (a record_image_ops)',
      'insert into proofs.t values (row(1.0)), (row(1.00))',
    ],
    promise: unique('a'),
  },
  {
    because: 'a view with a join repeats rows',
    statements: [
      'create table proofs.s (a int primary key)',
      'insert into proofs.s values (1)',
      'create view proofs.t as select a from proofs.s, generate_series(1, 2)',
    ],
    promise: unique('a'),
  },
  {
    because: 'one of the two columns may be NULL and the index is about both',
    statements: [
      'create table proofs.t (a int, b int, c int, unique (a, b))',
      'insert into proofs.t values (1, null, 1), (1, null, 1)',
    ],
    promise: together('a', 'c'),
  },
  {
    because: 'another version of the collation sorted the index, and let a repeated value in',
    statements: [
      `create collation proofs.sorted (provider = icu, locale = 'de')`,
      'create table proofs.t (a text collate proofs.sorted unique)',
      "update pg_index set indisunique = false where indrelid = 'proofs.t'::regclass",
      `insert into proofs.t values ('x'), ('x')`,
      "update pg_index set indisunique = true where indrelid = 'proofs.t'::regclass",
      "update pg_collation set collversion = '0' where collname = 'sorted'",
    ],
    promise: unique('a'),
  },
  {
    because: 'another version of the database’s collation sorted the index',
    statements: [
      'create table proofs.t (a text unique)',
      "update pg_index set indisunique = false where indrelid = 'proofs.t'::regclass",
      `insert into proofs.t values ('x'), ('x')`,
      "update pg_index set indisunique = true where indrelid = 'proofs.t'::regclass",
      "update pg_database set datcollversion = '0' where datname = current_database()",
    ],
    promise: unique('a'),
  },
  {
    because: 'a note of that form stands at a table that no load staged',
    statements: [
      'create table proofs.t (a int)',
      'insert into proofs.t values (1), (1)',
      `comment on table proofs.t is 'weir: one row a key [{"columns":["a"],"by":"x"}]'`,
    ],
    promise: unique('a'),
  },
];

test.each(uniqueness.map((trap) => [trap.because, trap] as const))('not proved: %s', async (_, trap) => {
  expect(await askTrap(database.admin, trap)).toEqual({ success: false, proof: null });
});
