import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
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

const found = expectation('expect_column_values_to_exist_in_other_table', {
  column: 'a',
  other_table: 'other',
  other_column: 'b',
});
const orphan = "insert into proofs.t values ('1')";

const foreignKeys: readonly Trap[] = [
  {
    because: 'the foreign key was never validated',
    statements: [
      'create table proofs.other (b text primary key)',
      'create table proofs.t (a text)',
      orphan,
      'alter table proofs.t add foreign key (a) references proofs.other not valid',
    ],
    promise: found,
  },
  {
    because: 'the foreign key is not enforced',
    statements: [
      'create table proofs.other (b text primary key)',
      'create table proofs.t (a text, foreign key (a) references proofs.other not enforced)',
      orphan,
    ],
    promise: found,
  },
  {
    because: 'the trigger that checks what comes in is off',
    statements: [
      'create table proofs.other (b text primary key)',
      'create table proofs.t (a text references proofs.other)',
      'alter table proofs.t disable trigger all',
      orphan,
    ],
    promise: found,
  },
  {
    because: 'the trigger that checks what goes is off',
    statements: [
      'create table proofs.other (b text primary key)',
      'create table proofs.t (a text references proofs.other)',
      "insert into proofs.other values ('1')",
      orphan,
      'alter table proofs.other disable trigger all',
      'delete from proofs.other',
    ],
    promise: found,
  },
  {
    because: 'rows come by replication, which fires no trigger that checks them',
    statements: [
      'create table proofs.other (b text primary key)',
      'create table proofs.t (a text references proofs.other)',
      'set session_replication_role = replica',
      orphan,
      'reset session_replication_role',
      "insert into pg_subscription_rel (srsubid, srrelid, srsubstate) values (1, 'proofs.t'::regclass, 'r')",
    ],
    promise: found,
  },
  {
    because: 'rows go by replication, which fires no trigger that checks what refers to them',
    statements: [
      'create table proofs.other (b text primary key)',
      'create table proofs.t (a text references proofs.other)',
      "insert into proofs.other values ('1')",
      orphan,
      'set session_replication_role = replica',
      'delete from proofs.other',
      'reset session_replication_role',
      "insert into pg_subscription_rel (srsubid, srrelid, srsubstate) values (1, 'proofs.other'::regclass, 'r')",
    ],
    promise: found,
  },
  {
    because: 'of two columns one may be NULL, and then none is checked',
    statements: [
      'create table proofs.other (b text, c text, primary key (b, c))',
      'create table proofs.t (a text, c text, foreign key (a, c) references proofs.other)',
      orphan,
    ],
    promise: found,
  },
  {
    because: 'it refers to another column',
    statements: [
      'create table proofs.other (b text, c text primary key)',
      'create table proofs.t (a text references proofs.other (c))',
      "insert into proofs.other values ('2', '1')",
      orphan,
    ],
    promise: found,
  },
  {
    because: 'it refers to another table of that name',
    statements: [
      'create table proofs.other (b text)',
      'create schema proofs2',
      'create table proofs2.other (b text primary key)',
      "insert into proofs2.other values ('1')",
      'create table proofs.t (a text references proofs2.other)',
      orphan,
    ],
    promise: found,
  },
  {
    because: 'children of a table do not inherit its foreign key',
    statements: [
      'create table proofs.other (b text primary key)',
      'create table proofs.t (a text references proofs.other)',
      'create table proofs.child () inherits (proofs.t)',
      "insert into proofs.child values ('1')",
    ],
    promise: found,
  },
];

test.each(foreignKeys.map((trap) => [trap.because, trap] as const))('not proved: %s', async (_, trap) => {
  expect(await askTrap(database.admin, trap)).toEqual({ success: false, proof: null });
});
