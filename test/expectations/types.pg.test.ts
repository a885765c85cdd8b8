import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Example, ExpectationType } from '../../expectations/define-expectation.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { expectationTypes } from '../../expectations/registry.gen.ts';
import { ask } from '../activities/gate/batch.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { expectation, suiteOf } from './suite-text.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ migrated: false });
});
afterAll(() => database.drop());

const types: readonly [string, ExpectationType][] = Object.entries(expectationTypes);

function asked(type: string, { kwargs, around }: Example): JsonObject {
  const orderBy = around?.orderBy;
  return expectation(type, kwargs, orderBy === undefined ? {} : { meta: { weir: { order_by: orderBy } } });
}

describe.each(types)('%s', (type, kind) => {
  test.each(kind.examples.map((example) => [example.title, example] as const))('%s', async (_, example) => {
    const { around } = example;
    const { json } = await ask(database.admin, suiteOf([asked(type, example)]), example, { around });
    expect(json).toMatchObject({
      success: example.success,
      results: [{ success: example.success, result: example.result }],
    });
  });

  test('a column that is not there is its own error', async () => {
    const [example] = kind.examples;
    const columns =
      example === undefined
        ? {}
        : Object.fromEntries(Object.keys(example.columns).map((name) => [`not_${name}`, 'text']));
    const suite = suiteOf([example === undefined ? expectation(type, {}) : asked(type, example)]);
    const table = { columns, rows: [] };
    const { json, judged } = await ask(database.admin, suite, table, { around: example?.around });
    const aboutColumns = (judged[0]?.entry.bound?.columns ?? []).length > 0;
    expect(json).toMatchObject({ results: [{ exception_info: { raised_exception: aboutColumns } }] });
  });
});
