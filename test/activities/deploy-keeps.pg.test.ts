import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployModels } from '../../activities/deploy.ts';
import { buildGraph } from '../../models/graph.ts';
import { parseAll, modelText, sourceText, ungated } from '../models/model-text.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';

let database: FreshDatabase;
/** Roles belong to the whole cluster, which other tests use too. */
const bi = `bi_${randomBytes(5).toString('hex')}`;
const finance = `finance_${randomBytes(5).toString('hex')}`;
beforeAll(async () => {
  database = await freshDatabase();
  for (const role of [bi, finance]) await sql`create role ${sql.id(role)}`.execute(database.admin);
});
afterAll(async () => {
  for (const role of [bi, finance]) {
    await sql`drop owned by ${sql.id(role)}`.execute(database.admin);
    await sql`drop role ${sql.id(role)}`.execute(database.admin);
  }
  await database.drop();
});

/** `more` is of the table's header. */
async function deploy(more: string, ofView = ''): Promise<void> {
  const models = await parseAll([
    ['models/bronze/raw_things.sql', sourceText({ id: 'text', a: 'text' })],
    [
      'models/silver/things.sql',
      modelText('full_refresh', `${ungated}\n${more}`, 'select id, a from bronze.raw_things'),
    ],
    [
      'models/semantic/all_things.sql',
      modelText('view', `gate: none\ngate_reason: r\n${ofView}`, 'select id from silver.things'),
    ],
  ]);
  await deployModels(database.admin, { graph: buildGraph(models) });
}

async function reads(role: string): Promise<readonly string[]> {
  const { rows } = await sql<{ relation: string }>`
    select relation from unnest('{silver.things,semantic.all_things}'::text[]) as named (relation)
    where has_table_privilege(${role}, relation, 'select')
      and has_schema_privilege(${role}, split_part(relation, '.', 1), 'usage')`.execute(database.admin);
  return rows.map(({ relation }) => relation);
}

describe('grants of a header', () => {
  test('let roles read, and are taken back when the header no longer names them', async () => {
    await deploy(`grants: {select: [${bi}, ${finance}]}`, `grants: {select: [${bi}]}`);
    expect([await reads(bi), await reads(finance)]).toEqual([
      ['silver.things', 'semantic.all_things'],
      ['silver.things'],
    ]);
    await deploy(`grants: {select: [${finance}]}`, `grants: {select: [${bi}]}`);
    expect([await reads(bi), await reads(finance)]).toEqual([['semantic.all_things'], ['silver.things']]);
    await deploy('');
    expect([await reads(bi), await reads(finance)]).toEqual([[], []]);
    const { rows } = await sql`select from pg_namespace where has_schema_privilege(${bi}, oid, 'usage')
      and nspname in ('silver', 'semantic')`.execute(database.admin);
    expect(rows).toEqual([]);
  });

  test('leave alone what somebody granted by hand, before or without them', async () => {
    await deploy('');
    await sql`grant usage on schema silver to ${sql.id(bi)}`.execute(database.admin);
    await sql`grant select on silver.things to ${sql.id(bi)}`.execute(database.admin);
    await deploy(`grants: {select: [${bi}]}`);
    await deploy('');
    expect(await reads(bi)).toEqual(['silver.things']);
  });

  test('of a role that does not exist are refused', async () => {
    await expect(deploy('grants: {select: [nobody_here]}')).rejects.toMatchObject({
      type: 'InvalidModel',
      message:
        'models/silver/things.sql: grants name nobody_here, which this server does not have. ' +
        'Make it (create role nobody_here) and run weir migrate, or take it out of the header.',
    });
  });
});

describe('indexes of a header', () => {
  const indexes = async (): Promise<readonly string[]> => {
    const { rows } = await sql<{ index: string }>`select regexp_replace(indexdef, '^.* USING ', '') as index
      from pg_indexes where schemaname = 'silver' and tablename = 'things' order by 1`.execute(
      database.admin,
    );
    return rows.map(({ index }) => index);
  };

  test('go when it no longer asks for them, and no others', async () => {
    await deploy('indexes: [[a], [a, id]]');
    await sql`create index by_hand on silver.things (a desc)`.execute(database.admin);
    expect(await indexes()).toEqual([
      'btree (_xid)',
      'btree (a DESC)',
      'btree (a)',
      'btree (a, id)',
      'btree (id)',
    ]);
    await deploy('indexes: [[a, id]]');
    expect(await indexes()).toEqual(['btree (_xid)', 'btree (a DESC)', 'btree (a, id)', 'btree (id)']);
    await deploy('');
    expect(await indexes()).toEqual(['btree (_xid)', 'btree (a DESC)', 'btree (id)']);
  });

  test('that were there before they were noted are known again', async () => {
    await deploy('indexes: [[a]]');
    await sql`comment on index silver.things_a is null`.execute(database.admin);
    await deploy('indexes: [[a]]');
    await deploy('');
    expect(await indexes()).not.toContain('btree (a)');
  });
});
