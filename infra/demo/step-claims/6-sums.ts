import { measureFact, pickMeasure, readMeasure, runSumsScript, type Measure } from '../readings/sums.ts';
import { byChanging, type StoryClaim } from '../world.ts';

/** What is compared, in words, and a change in the tables that it must notice. */
const measures: Readonly<
  Record<Measure, { readonly says: string; readonly from: string; readonly change: string }>
> = {
  rows: {
    says: 'silver has as many rows of every store and day as the files have records',
    from: 'Postgres silver.stg_transactions',
    change:
      'delete from silver.stg_transactions where ctid = (select min(ctid) from silver.stg_transactions)',
  },
  transactions: {
    says: 'gold counts as many distinct transactions of every store and day as the files have',
    from: 'Postgres gold.fct_daily_sales',
    change: `update gold.fct_daily_sales set transaction_count = transaction_count + 1
             where ctid = (select min(ctid) from gold.fct_daily_sales)`,
  },
  gross_sales: {
    says: 'gold has the gross sales of every store and day that the files add up to, to the cent',
    from: 'Postgres gold.fct_daily_sales',
    change: 'delete from gold.fct_daily_sales where ctid = (select min(ctid) from gold.fct_daily_sales)',
  },
};

/** Step 6: what is published equals what `sums.ts` computes from the delivered files alone. To be read at the end. */
export const sumClaims: readonly StoryClaim[] = (['rows', 'transactions', 'gross_sales'] as const).map(
  (measure) => ({
    name: `sums-agree-${measure.replace('_', '-')}`,
    step: 6,
    says: measures[measure].says,
    from: measures[measure].from,
    expected: async (world) => measureFact(pickMeasure(await runSumsScript(world), measure)),
    read: async (world) =>
      measureFact(await readMeasure(world, measure), pickMeasure(await runSumsScript(world), measure)),
    falsify: byChanging(measures[measure].change),
  }),
);
