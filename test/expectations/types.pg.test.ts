import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExpectationType } from '../../expectations/define-expectation.ts';
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

describe.each(types)('%s', (type, kind) => {
  test.each(kind.examples.map((example) => [example.title, example] as const))('%s', async (_, example) => {
    const suite = suiteOf([expectation(type, example.kwargs)]);
    const { json } = await ask(database.admin, suite, example);
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
    const { json, judged } = await ask(database.admin, suiteOf([expectation(type, example?.kwargs ?? {})]), {
      columns,
      rows: [],
    });
    const aboutColumns = (judged[0]?.entry.bound?.columns ?? []).length > 0;
    expect(json).toMatchObject({ results: [{ exception_info: { raised_exception: aboutColumns } }] });
  });
});
