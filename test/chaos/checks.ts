import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import { expectations } from './expected.ts';
import type { Expected } from './expected.ts';
import { allKinds, kinds } from './kinds.ts';
import type { Counts } from './kinds.ts';
import { look } from './watch.ts';
import type { Watched } from './watch.ts';
import type { DeliveredFiles } from './writers/files.ts';

/** One thing that had to be so. */
export interface Check {
  readonly what: string;
  /** Why it is not; none when it is. */
  readonly problems: readonly string[];
}

/** Compares, when all is at rest, what was published with what plain SQL computes over everything committed. */
export async function checkData(admin: Database, delivered: DeliveredFiles): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const expected of expectations)
    checks.push({
      what: `${expected.table} is what plain SQL computes`,
      problems: await differences(admin, expected),
    });
  checks.push({
    what: 'bronze has each file as it was delivered last, once',
    problems: await checkFiles(admin, delivered),
  });
  for (const [history, source, key] of histories)
    checks.push({
      what: `gold.${history} ends with what is, and its versions do not overlap`,
      problems: await checkHistory(admin, history, source, key),
    });
  checks.push({ what: 'ledger, watermarks and readers agree at the end', problems: told(await look(admin)) });
  checks.push({ what: 'nothing is left over: no lease, no touched keys', problems: await leftOver(admin) });
  return checks;
}

/** What was found on the way. */
export function checkRun({ looks, violations }: Watched): readonly Check[] {
  return [{ what: `no reader saw anything wrong in ${looks} looks`, problems: [...violations] }];
}

/** Whether each kind of fault happened: a test that injected nothing shows nothing. */
export function checkKinds(counts: Counts, { looks }: Watched): Check {
  const missing = allKinds.filter((kind) => counts[kind] === 0);
  return {
    what: 'each kind of fault was injected, and readers looked',
    problems: [
      ...missing.map((kind) => `none of: ${kinds[kind]}; a longer run has more`),
      ...(looks > 10 ? [] : ['readers could hardly look']),
    ],
  };
}

/** Set from the run's as-of time, or from who wrote the row. */
const leftOut = ['_xid', 'transformed_at', 'last_updated'];

async function differences(admin: Database, { table, rows }: Expected): Promise<readonly string[]> {
  const { rows: columns } = await sql<{ name: string }>`
    select attname as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped order by attnum`.execute(admin);
  const names = sql.join(
    columns.filter(({ name }) => !leftOut.includes(name)).map(({ name }) => sql.ref(name)),
  );
  const { rows: found } = await sql<{ what: string; many: number; row: string }>`
    with expected as (select ${names} from (${rows}) as e), found as (select ${names} from ${sql.table(table)})
    select 'missing' as what, count(*) over () as many, m::text as row
    from (select * from expected except all select * from found) as m
    union all
    select 'not expected', count(*) over (), w::text
    from (select * from found except all select * from expected) as w`.execute(admin);
  // The rows are the test's own: nothing personal is in them.
  const some = (kind: string): readonly string[] =>
    found
      .filter(({ what }) => what === kind)
      .slice(0, 3)
      .map(({ what, many, row }) => `${many} rows ${what}, such as ${row.slice(0, 400)}`);
  return [...some('missing'), ...some('not expected')];
}

async function checkFiles(admin: Database, delivered: DeliveredFiles): Promise<readonly string[]> {
  const told = [...delivered].flatMap(([key, { source, records }]) => {
    const file = key.slice(source.length + 1);
    return records.map((hash) => ({ source, file, hash }));
  });
  const hashes = {
    raw_transactions: sql`replace(b._record_hash::text, '-', '')`,
    raw_pos_events: sql`replace(b._record_hash::text, '-', '')`,
    raw_inventory: sql`md5(concat_ws(',', b.store_id, b.sku, coalesce(b.on_hand_qty::text, ''),
      coalesce(b.reserved_qty::text, ''), to_char(b.last_count_ts, 'YYYY-MM-DD"T"HH24:MI:SS')))`,
  };
  const landed = Object.entries(hashes).map(
    ([source, hash]) => sql`
      select ${source}::text as source, b._source as file, ${hash} as hash
      from ${sql.table(`bronze.${source}`)} as b
      where b._source like 'f%' and not exists (select from control.retraction as r
        where r.source = ${source} and r.file = b._source and r.revision = b._revision)`,
  );
  const { rows } = await sql<{ what: string; file: string; many: number }>`
    with told as (select source, file, hash from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as (source text, file text, hash text)),
    landed as (${sql.join(landed, sql` union all `)})
    select 'lack' as what, file, count(*) as many from (select * from told except all select * from landed) as l group by file
    union all
    select 'have too many', file, count(*) from (select * from landed except all select * from told) as m group by file`.execute(
    admin,
  );
  return rows.slice(0, 5).map(({ what, file, many }) => `of ${file} bronze ${what}: ${many} records`);
}

const histories = [
  ['dim_stores_history', 'stores', 'store_id'],
  ['dim_products_history', 'products', 'product_id'],
] as const;

/** Which versions there were in between depends on when the runs looked. */
async function checkHistory(
  admin: Database,
  history: string,
  source: string,
  key: string,
): Promise<readonly string[]> {
  const table = sql.table(`gold.${history}`);
  const told = sql.table(`operational.${source}`);
  const { rows } = await sql<{ what: string }>`
    with now_there as (select to_jsonb(h) - 'valid_from' - 'valid_to' - '_xid' as row from ${table} as h where valid_to is null),
    told as (select to_jsonb(o) as row from ${told} as o)
    select format('lacks %s', row) as what from (select * from told except all select * from now_there) as lacking
    union all
    select format('has %s', row) from (select * from now_there except all select * from told) as too_many
    union all
    select format('%s has versions that overlap', a.${sql.ref(key)}) from ${table} as a join ${table} as b
      on a.${sql.ref(key)} = b.${sql.ref(key)} and a.valid_from < b.valid_from
      and (a.valid_to is null or a.valid_to > b.valid_from)`.execute(admin);
  return rows.slice(0, 5).map(({ what }) => what);
}

/** Each sentence once. */
function told(sentences: readonly string[]): readonly string[] {
  return [...new Set(sentences)].slice(0, 10);
}

async function leftOver(admin: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ what: string }>`
    select format('%s is leased to %s', model, workflow_id) as what from control.lease
    union all
    select format('%s keys of fct_daily_sales are still marked as touched', count(*))
    from touched.fct_daily_sales_keys having count(*) > 0`.execute(admin);
  return rows.map(({ what }) => what);
}
