import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import type { TestWeir } from '../setup/weir.ts';

const FIRST = 'transactions/2017-01-02T08.jsonl';
const SECOND = 'transactions/2017-01-02T09.jsonl';

/**
 * Some of everything that pages show: an hour that was published, records that could not be read, and an hour that a gate
 * holds, with its incident and what waits behind it.
 *
 * @returns the verdict that holds.
 */
export async function makeLively(weir: TestWeir): Promise<string> {
  await weir.loadDimensions();
  await weir.land(FIRST, [...baskets(1, 12), 'this is no record']);
  await (await weir.run('hourly', { asOf: AS_OF })).result();
  const late = { transaction_timestamp: '2017-01-02T09:15:00Z' };
  await weir.land(SECOND, [...baskets(12, 24, late), basket(24, { ...late, total_amount: '100000.01' })]);
  await weir.run('hourly', { asOf: '2017-01-02T10:00:00.000Z' });
  return await weir.heldVerdict('stg_transactions');
}
