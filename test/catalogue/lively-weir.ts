import { sql } from 'kysely';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import type { TestWeir } from '../setup/weir.ts';
import { seedPromises } from './promise-past.ts';
import { seedYear } from './seeded-year.ts';

const FIRST = 'transactions/2017-01-02T08.jsonl';
const SECOND = 'transactions/2017-01-02T09.jsonl';

/** Long enough for every chart, short enough that a browser opens each page in a minute. */
const HOURS = 60;

/**
 * Some of everything that pages show: a model with a past of some days, with its age and its promises; an hour that was
 * published, a record that could not be read, and an hour that a gate holds, with its incident and what waits behind it.
 *
 * @returns the verdict that holds.
 */
export async function makeLively(weir: TestWeir): Promise<string> {
  await makePast(weir);
  await weir.loadDimensions();
  await weir.land(FIRST, [...baskets(1, 12), 'this is no record']);
  await (await weir.run('hourly', { asOf: AS_OF })).result();
  const late = { transaction_timestamp: '2017-01-02T09:15:00Z' };
  await weir.land(SECOND, [...baskets(12, 24, late), basket(24, { ...late, total_amount: '100000.01' })]);
  await weir.run('hourly', { asOf: '2017-01-02T10:00:00.000Z' });
  const verdictId = await weir.heldVerdict('stg_transactions');
  await until(
    async () => await weir.database.admin.selectFrom('control.incident').selectAll().executeTakeFirst(),
    { what: 'the incident is in the books', timeoutMs: 60_000 },
  );
  return verdictId;
}

async function makePast({ database: { admin } }: TestWeir): Promise<void> {
  const gates = { input: 'inventory', output: 'stg_inventory' };
  await seedYear(admin, { model: 'stg_inventory', gates, delta: 'raw_inventory', hours: HOURS });
  await seedPromises(admin, { model: 'stg_inventory', gate: 'input', suite: 'inventory' }, [
    {
      place: 0,
      type: 'expect_column_values_to_not_be_null',
      column: 'store_id',
      unit: 'share',
      unexpected: sql`case when n % 9 = 4 then 3 else 0 end`,
      broken: sql`n % 9 = 4`,
      lower: sql`1`,
    },
    {
      place: 7,
      type: 'expect_table_row_count_to_be_between',
      column: null,
      unit: 'value',
      observed: sql`12000 + 3000 * sin(n / 4.0)`,
      lower: sql`8000`,
      upper: sql`20000`,
    },
  ]);
}
