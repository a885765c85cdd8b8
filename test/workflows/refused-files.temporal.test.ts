import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { addExpectation } from '../setup/suite-file.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir({ ownFiles: true });
});
afterEach(async () => {
  await weir.close();
});

async function editModel(file: string, from: string, to: string): Promise<void> {
  const where = path.join(weir.settings.modelsFolder, file);
  const text = await readFile(where, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  await writeFile(where, text.replace(from, to));
}

/** The run fails with all of the words, on-call is told them, and nothing has been loaded, landed or locked. */
async function refused(type: string, words: readonly string[]): Promise<void> {
  await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
  const run = await weir.run('hourly', { asOf: AS_OF });
  const failure: unknown = await run.result().catch((error: unknown) => error);
  expect(failure).toMatchObject({ cause: { cause: { type } } });
  const message = Reflect.get(
    Object(Reflect.get(Object(Reflect.get(Object(failure), 'cause')), 'cause')),
    'message',
  );
  for (const word of words) expect(message).toContain(word);
  const [incident] = await until(
    async () => {
      const incidents = await weir.incidents();
      return incidents.length > 0 && incidents;
    },
    { what: 'the failure is paged', timeoutMs: 60_000 },
  );
  expect(incident?.summary).toContain('hourly');
  const { rows } = await sql`
    select (select count(*)::int from bronze.raw_transactions) as bronze, (select count(*)::int from control.landing) as files,
      (select count(*)::int from control.load) as loads, (select count(*)::int from control.lease) as leases`.execute(
    weir.database.admin,
  );
  expect(rows).toEqual([{ bronze: 0, files: 0, loads: 0, leases: 0 }]);
}

const SUITE = 'expectations/suites/transactions.json';

describe('refused before anything loads', () => {
  it('an expectation type that nobody knows, with the one that was meant', async () => {
    const pointer = await addExpectation(weir, 'transactions', {
      type: 'expect_column_values_to_be_uniqe',
      kwargs: { column: 'transaction_id' },
    });
    await refused('InvalidSuite', [SUITE, `${pointer}/type`, 'expect_column_values_to_be_unique']);
  });

  it('a bad argument, with what it should be', async () => {
    const pointer = await addExpectation(weir, 'transactions', {
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'total_amount', min_value: { from: 0 } },
    });
    await refused('InvalidSuite', [SUITE, `${pointer}/kwargs/min_value`]);
  });

  it('a parameter that the gate does not give', async () => {
    await editModel(
      'silver/stg_transactions.sql',
      '      valid_store_ids: {query: select store_id from gold.dim_stores}\n',
      '',
    );
    await refused('InvalidSuite', [SUITE, '/expectations/6/kwargs/value_set', 'valid_store_ids']);
  });

  it('two files at once, each with its problem', async () => {
    const first = await addExpectation(weir, 'transactions', { type: 'no_such_type', kwargs: {} });
    const second = await addExpectation(weir, 'pos_events', { type: 'no_such_type', kwargs: {} });
    await refused('InvalidSuite', [
      `${SUITE} ${first}/type`,
      `expectations/suites/pos_events.json ${second}/type`,
    ]);
  });

  it('a header that says what no model may, by file and line', async () => {
    await editModel('silver/stg_transactions.sql', 'kind: incremental', 'kind: incremental_');
    await refused('InvalidModel', ['models/silver/stg_transactions.sql:2']);
  });
});
