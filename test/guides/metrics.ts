import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';
import { guidedWeir } from './guided-weir.ts';

/** An hour whose gate found a basket above the limit, and holds; on-call has been told. */
export const prepare: PrepareGuide = async (): Promise<PreparedGuide> => {
  const { weir, worker, env, close } = await guidedWeir({ WEIR_METRICS_PORT: '0' });
  await weir.loadDimensions();
  await weir.land('transactions/2017-01-02T08.jsonl', [
    ...baskets(1, 9),
    basket(9, { total_amount: '100000.01' }),
  ]);
  const run = await weir.run('hourly', { asOf: AS_OF });
  await weir.heldVerdict('stg_transactions');
  const { metricsUrl = '' } = worker;
  const told = [
    'weir_incidents_open{',
    'weir_page_deliveries_total{',
    // What loads beside it has ended.
    'weir_loads_under_way{state="open"} 0',
    'weir_loads_under_way{state="staged"} 0',
  ];
  await until(
    async () => {
      const text = await (await fetch(metricsUrl)).text();
      return told.every((part) => text.includes(part)) ? text : null;
    },
    { what: 'the page is counted, and nothing else is under way', timeoutMs: 60_000 },
  );
  return {
    env: { ...env, WEIR_METRICS_PORT: new URL(metricsUrl).port },
    varying: [[/(?<=\} )1[\d.e+]{9,}/g, 'MOMENT']],
    close: async () => {
      await run.terminate();
      await close();
    },
  };
};
