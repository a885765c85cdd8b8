import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import type { TestWeir } from '../setup/weir.ts';
import { seedSuite } from './promise-past.ts';
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
  await seedSuite(admin, 'inventory');
}
