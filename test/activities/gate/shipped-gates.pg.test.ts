import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTableContext } from '../../../activities/gate/batch-context.ts';
import { readBatchColumns } from '../../../activities/gate/batch-columns.ts';
import { readRepository } from '../../../activities/repository.ts';
import { isAskable, planSuite } from '../../../expectations/compile.ts';
import { compileMeasures } from '../../../expectations/measuring.ts';
import { checkParameters } from '../../../expectations/parameters.ts';
import type { JsonObject } from '../../../expectations/json.ts';
import { isPublished } from '../../../models/model.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { folders } from '../shop.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** Values of the right kind for parameters that a query gives. */
const queried: JsonObject = { valid_store_ids: ['STORE_00001'] };

test('every gate that a shipped model names can be asked of the columns that the model has', async () => {
  const { models, suites } = await readRepository(folders);
  const gates = models
    .filter(isPublished)
    .flatMap((model) => [
      ...(model.gates.input === null || model.shape.kind !== 'map'
        ? []
        : [{ model, header: model.gates.input, relation: { schema: 'delta', table: model.shape.delta } }]),
      ...(model.gates.output === null
        ? []
        : [{ model, header: model.gates.output, relation: { schema: model.layer, table: model.name } }]),
    ]);
  expect(gates.length).toBeGreaterThanOrEqual(6);
  for (const { model, header, relation } of gates) {
    const suite = suites.get(header.suite);
    if (suite === undefined) throw new Error(`no suite ${header.suite}`);
    expect(checkParameters(suite, Object.keys(header.parameters))).toEqual([]);
    const literals = Object.fromEntries(
      Object.entries(header.parameters).filter(([, source]) => typeof source === 'number'),
    );
    const batch = await database.databases.validator.transaction().execute(async (trx) => {
      const columns = await readBatchColumns(trx, relation);
      const read = { relation: [relation.schema, relation.table] as const, collapse: null, columns, key: [] };
      return withTableContext(trx, read, suite, [model.layer, model.name]);
    });
    const entries = planSuite(suite, batch, {
      values: { ...queried, ...literals },
      asOf: '2017-01-01',
      format: null,
    });
    expect([relation, entries.flatMap(({ problem }) => problem ?? [])]).toEqual([relation, []]);
    for (const statement of compileMeasures(entries.filter(isAskable), batch)) {
      await statement.sql.execute(database.databases.validator);
    }
  }
});
