import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployModels } from '../../activities/deploy.ts';
import { readRepository } from '../../activities/repository.ts';
import type { Repository } from '../../activities/repository.ts';
import { buildGraph } from '../../models/graph.ts';
import { parseModel } from '../../models/parse.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { folders } from './shop.ts';

let database: FreshDatabase;
let repository: Repository;
beforeAll(async () => {
  [database, repository] = await Promise.all([freshDatabase(), readRepository(folders)]);
});
afterAll(() => database.drop());

/** Everything deploy makes, with the row of the catalogue that says when it was last changed. */
async function catalogue(): Promise<unknown> {
  const { rows } = await sql`
    select n.nspname, c.relname, c.relkind, c.oid, c.xmin::text, c.relacl::text, pg_get_viewdef(c.oid) as view
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname in ('bronze', 'silver', 'gold', 'semantic', 'delta', 'touched', 'changes') order by c.oid`.execute(
    database.admin,
  );
  return rows.map((row) => ({ ...(row as object), xmin: undefined }));
}

describe('deploying the shipped models', () => {
  test('again changes nothing, two at once included', async () => {
    const before = await catalogue();
    await Promise.all([deployModels(database.admin, repository), deployModels(database.admin, repository)]);
    expect(await catalogue()).toEqual(before);
  });

  test('every SELECT runs in a session without settings, as psql sends it', async () => {
    for (const model of repository.models) {
      if (model.kind === 'source') continue;
      const { rows } = await sql`select * from (${sql.raw(model.sql)}\n) as t`.execute(database.admin);
      expect(rows, model.file).toEqual([]);
      if (!('shape' in model) || model.shape.kind !== 'touched') continue;
      for (const query of model.shape.queries) await sql.raw(query.sql).execute(database.admin);
    }
  });

  test('targets have their key, the index on _xid, and no other NOT NULL than the key', async () => {
    const { rows } = await sql<{ columns: string[]; indexes: string[] }>`
      select array(select attname::text from pg_attribute where attrelid = 'silver.stg_transactions'::regclass and attnotnull
          and attnum > 0 order by 1) as columns,
        array(select regexp_replace(indexdef, '^.* USING ', '') from pg_indexes
          where schemaname = 'silver' and tablename = 'stg_transactions' order by 1) as indexes`.execute(
      database.admin,
    );
    expect(rows[0]).toEqual({
      columns: ['_xid', 'transaction_id'],
      indexes: [
        'btree (_source, _revision)',
        'btree (_xid)',
        'btree (transaction_date, store_id)',
        'btree (transaction_id)',
      ],
    });
  });

  test('autovacuum comes sooner than by default, but for what an administrator has set', async () => {
    const options = async (): Promise<unknown> =>
      (
        await sql<{ reloptions: string[] }>`
          select reloptions from pg_class where oid = 'silver.stg_transactions'::regclass`.execute(
          database.admin,
        )
      ).rows[0]?.reloptions;
    const usual = [
      'autovacuum_vacuum_insert_scale_factor=0.02',
      'autovacuum_vacuum_scale_factor=0.05',
      'autovacuum_analyze_scale_factor=0.02',
    ];
    expect(await options()).toEqual(usual);
    await sql`alter table silver.stg_transactions set (autovacuum_vacuum_scale_factor = 0.5)`.execute(
      database.admin,
    );
    await deployModels(database.admin, repository);
    expect(await options()).toEqual([usual[0], usual[2], 'autovacuum_vacuum_scale_factor=0.5']);
  });

  test('bronze holds a record that lacks everything', async () => {
    await database.databases.loader.transaction().execute(async (trx) => {
      await sql`insert into bronze.raw_transactions (_source, _revision, _load, _position, _record_hash)
        values ('f', 1, 1, 1, md5('')::uuid)`.execute(trx);
      await sql`delete from bronze.raw_transactions where _source = 'f'`.execute(trx);
    });
  });
});

describe('what a login may do', () => {
  async function refused(query: string, login: 'loader' | 'publisher' | 'validator'): Promise<void> {
    await expect(
      sql.raw(query).execute(database.databases[login]),
      `${login}: ${query}`,
    ).rejects.toMatchObject({ code: /42501|25006/ });
  }

  test('the validator reads data and candidates, and neither books nor quarantine', async () => {
    await sql`create table candidate.probe as select 1 as n`.execute(database.databases.loader);
    for (const relation of [
      'bronze.raw_stores',
      'silver.stg_transactions',
      'gold.dim_stores',
      'delta.raw_transactions',
      'candidate.probe',
    ]) {
      await sql.raw(`select from ${relation}`).execute(database.databases.validator);
    }
    await refused('select from control.gate_result', 'validator');
    await refused('select from control.quarantine', 'validator');
    await refused('select from changes.stg_transactions', 'validator');
    await sql`drop table candidate.probe`.execute(database.databases.publisher);
  });

  test('only the publisher writes what readers see; nobody unsays a decision', async () => {
    await refused('delete from gold.fct_daily_sales', 'loader');
    await refused('insert into control.watermark default values', 'loader');
    await refused('insert into bronze.raw_stores default values', 'publisher');
    await refused('delete from control.decision', 'loader');
    await refused('update control.retraction set revision = 1', 'loader');
  });

  test('the analytics reader sees gold and semantic only', async () => {
    const { rows } = await sql<{ schema: string }>`
      select distinct n.nspname as schema from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
      where has_schema_privilege('weir_analytics_reader', n.oid, 'usage') and c.relkind in ('r', 'v')
        and has_table_privilege('weir_analytics_reader', c.oid, 'select') and n.nspname !~ '^(pg_|information_schema)'
      order by 1`.execute(database.admin);
    expect(rows.map(({ schema }) => schema)).toEqual(['gold', 'semantic']);
  });
});

describe('a model that changes', () => {
  const header = (kind: string, more: string): string =>
    `/*\nkind: ${kind}\nschedule: daily\nowner: o\ndescription: d\ngrain: g\n${more}\n*/\n`;
  const source = (columns: string): Promise<unknown> =>
    deploy([
      [
        'models/bronze/raw_things.sql',
        header(
          'source',
          `reader: json_lines\nsettings: {folder: things, record: [id]}\ncolumns: {${columns}}`,
        ),
      ],
    ]);
  const thing = (select: string): Promise<unknown> =>
    deploy([
      [
        'models/bronze/raw_things.sql',
        header(
          'source',
          'reader: json_lines\nsettings: {folder: things, record: [id]}\ncolumns: {id: {type: text, description: d}}',
        ),
      ],
      [
        'models/gold/things.sql',
        `${header('full_refresh', 'unique_key: [id]\ngate: none\ngate_reason: a test\non_schema_change: append_new_columns')}${select}`,
      ],
      [
        'models/semantic/all_things.sql',
        `${header('view', 'gate: none\ngate_reason: a test')}select id from gold.things`,
      ],
    ]);
  async function deploy(files: readonly (readonly [string, string])[]): Promise<void> {
    const models = await Promise.all(files.map(([file, text]) => parseModel(file, text)));
    await deployModels(database.admin, { graph: buildGraph(models) });
  }

  test('gets a new column in table, delta and changes; what does not fit is refused by file and column', async () => {
    await source('id: {type: text, description: d}');
    await source('id: {type: text, description: d}, n: {type: "numeric(6,2)", description: d}');
    await sql`select n from delta.raw_things`.execute(database.admin);
    await expect(source('id: {type: integer, description: d}')).rejects.toThrow(
      /models\/bronze\/raw_things\.sql: id is integer in the header and text in bronze\.raw_things/,
    );

    await thing('select id from bronze.raw_things');
    await thing('select id, 1 as one, now() as seen from bronze.raw_things');
    await sql`select one, seen from delta.things`.execute(database.admin);
    await sql`select one, seen, _load_id from changes.things`.execute(database.admin);
    await expect(thing("select id, 'x' as one, now() as seen from bronze.raw_things")).rejects.toThrow(
      /one is integer in the table and text/,
    );
    await expect(
      thing('select id, nothing as one, now() as seen from bronze.raw_things'),
    ).rejects.toMatchObject({
      type: 'InvalidModel',
      nonRetryable: true,
      message: expect.stringMatching(/^models\/gold\/things\.sql: column "nothing" does not exist/),
    });
  });
});
