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

const present = (column: string): JsonObject =>
  expectation('expect_column_values_to_not_be_null', { column });
const positive = (column: string): JsonObject =>
  expectation('expect_column_values_to_be_between', { column, min_value: 0 });

const checks: readonly Trap[] = [
  {
    because: 'the check was never validated',
    statements: [
      'create table proofs.t (a int)',
      'insert into proofs.t values (-1)',
      'alter table proofs.t add check (a >= 0) not valid',
    ],
    promise: positive('a'),
  },
  {
    because: 'the check is not enforced',
    statements: [
      'create table proofs.t (a int, check (a >= 0) not enforced)',
      'insert into proofs.t values (-1)',
    ],
    promise: positive('a'),
  },
  {
    because: 'the NOT NULL was never validated',
    statements: [
      'create table proofs.t (a int)',
      'insert into proofs.t values (null)',
      'alter table proofs.t add not null a not valid',
    ],
    promise: present('a'),
  },
  {
    because: 'the check promises less',
    statements: ['create table proofs.t (a int check (a >= -10))', 'insert into proofs.t values (-1)'],
    promise: positive('a'),
  },
  {
    because: 'a check lets NULL pass',
    statements: ['create table proofs.t (a int check (a >= 0))', 'insert into proofs.t values (null)'],
    promise: present('a'),
  },
  {
    because: 'the check is about another column',
    statements: [
      'create table proofs.t (a int, b int check (b >= 0 or a >= 0))',
      'insert into proofs.t values (-1, 1)',
    ],
    promise: positive('a'),
  },
  {
    because: 'the parent’s check is not inherited',
    statements: [
      'create table proofs.t (a int, check (a >= 0) no inherit)',
      'create table proofs.child () inherits (proofs.t)',
      'insert into proofs.child values (-1)',
    ],
    promise: positive('a'),
  },
  {
    because: 'the parent’s NOT NULL is not inherited',
    statements: [
      'create table proofs.t (a int, not null a no inherit)',
      'create table proofs.child () inherits (proofs.t)',
      'insert into proofs.child values (null)',
    ],
    promise: present('a'),
  },
  {
    because: 'only a child has the check',
    statements: [
      'create table proofs.t (a int)',
      'create table proofs.child (check (a >= 0)) inherits (proofs.t)',
      'insert into proofs.t values (-1)',
    ],
    promise: positive('a'),
  },
  {
    because: 'an outer join makes NULLs that the table has not',
    statements: [
      'create table proofs.s (a int not null check (a >= 0))',
      'create view proofs.t as select s.a from generate_series(1, 1) left join proofs.s on true',
    ],
    promise: present('a'),
  },
  {
    because: 'a view computes the column',
    statements: [
      'create table proofs.s (a int not null check (a >= 0))',
      'insert into proofs.s values (1)',
      'create view proofs.t as select -a as a from proofs.s',
    ],
    promise: positive('a'),
  },
  {
    because: 'nobody enforces constraints of a foreign table',
    statements: [
      'create extension if not exists file_fdw',
      'create server if not exists files foreign data wrapper file_fdw',
      `create foreign table proofs.t (a int not null) server files options (program 'printf "\\N\\n"')`,
    ],
    promise: present('a'),
  },
  {
    because: 'a function that a view calls may read a foreign table',
    statements: [
      'create extension if not exists file_fdw',
      'create server if not exists files foreign data wrapper file_fdw',
      `create foreign table proofs.outside (a int not null) server files options (program 'printf "\\N\\n"')`,
      'create table proofs.inside (b int not null)',
      'insert into proofs.inside values (1)',
      `create function proofs.read() returns table (a int) language sql stable as 'select a from proofs.outside'`,
      'create view proofs.t as select o.a from proofs.read() o, proofs.inside',
    ],
    promise: present('a'),
  },
];

test.each(checks.map((trap) => [trap.because, trap] as const))('not proved: %s', async (_, trap) => {
  expect(await askTrap(database.admin, trap)).toEqual({ success: false, proof: null });
});
