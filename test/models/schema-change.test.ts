import { beforeAll, describe, expect, test } from 'vitest';
import { isPublished } from '../../models/model.ts';
import type { OnSchemaChange, PublishedModel } from '../../models/model.ts';
import { parseModel } from '../../models/parse.ts';
import { allowedChange, compareColumns, fitCandidate, isSame } from '../../models/schema-change.ts';
import { modelText, ungated } from './model-text.ts';

const text = (name: string): { name: string; type: string } => ({ name, type: 'text' });
const table = [text('id'), text('stays'), text('goes'), { name: 'n', type: 'integer' }];
const select = [text('id'), text('stays'), { name: 'n', type: 'bigint' }, text('comes')];
const both = compareColumns(table, select);
const [addition, removal, another] = [
  { ...both, gone: [], retyped: [] },
  { ...both, added: [], retyped: [] },
  { ...both, added: [], gone: [] },
];

const models = new Map<OnSchemaChange, PublishedModel>();
beforeAll(async () => {
  for (const mode of ['fail', 'append_new_columns', 'sync_all_columns'] as const) {
    const header = modelText(
      'full_refresh',
      `${ungated}\non_schema_change: ${mode}`,
      'select id from gold.x',
    );
    const model = await parseModel('models/gold/things.sql', header);
    if (isPublished(model)) models.set(mode, model);
  }
});
function modelOf(mode: OnSchemaChange): PublishedModel {
  const model = models.get(mode);
  if (model === undefined) throw new Error(mode);
  return model;
}

test('columns are compared by name, wherever they stand', () => {
  expect(both).toEqual({
    added: [text('comes')],
    gone: [text('goes')],
    retyped: [{ name: 'n', type: 'bigint', was: 'integer' }],
  });
  expect(isSame(compareColumns(table, table.toReversed()))).toBe(true);
});

describe('deploy', () => {
  test.each([addition, removal, another])('with fail refuses every difference, by column', (change) => {
    expect(allowedChange(modelOf('fail'), change)).toEqual({
      refusal: expect.stringMatching(
        /^models\/gold\/things\.sql does not fit gold\.things: (comes|goes|n) is .* on_schema_change is fail.* run weir migrate\.$/,
      ),
    });
  });

  test('with append_new_columns adds, and leaves what went away', () => {
    const model = modelOf('append_new_columns');
    expect(allowedChange(model, { ...addition, gone: removal.gone })).toEqual({
      add: [text('comes')],
      drop: [],
      retype: [],
    });
    expect(allowedChange(model, another)).toEqual({
      refusal: expect.stringContaining('n is integer in the table and bigint in the SELECT'),
    });
  });

  test('with sync_all_columns does all of it', () => {
    expect(allowedChange(modelOf('sync_all_columns'), both)).toEqual({
      add: [text('comes')],
      drop: [text('goes')],
      retype: both.retyped,
    });
  });

  test.each(['fail', 'append_new_columns', 'sync_all_columns'] as const)(
    'with %s never changes the key',
    (mode) => {
      const retyped = compareColumns([text('id')], [{ name: 'id', type: 'integer' }]);
      expect(allowedChange(modelOf(mode), retyped)).toEqual({
        refusal: expect.stringContaining('id is part of unique_key, which never changes by itself'),
      });
    },
  );
});

describe('a load', () => {
  test('fills what went away with NULL where the table keeps it', () => {
    expect(fitCandidate(modelOf('append_new_columns'), removal)).toEqual({ addAsNull: [text('goes')] });
  });

  test.each([
    ['append_new_columns', addition],
    ['sync_all_columns', addition],
    ['sync_all_columns', removal],
    ['sync_all_columns', another],
  ] as const)('with %s waits for weir migrate', (mode, change) => {
    expect(fitCandidate(modelOf(mode), change)).toEqual({
      refusal: expect.stringContaining(`on_schema_change is ${mode}: run weir migrate`),
    });
  });

  test('with fail is refused, and told of the header', () => {
    expect(fitCandidate(modelOf('fail'), removal)).toEqual({
      refusal: expect.stringContaining('Write the SELECT as it was, or say in the header on_schema_change'),
    });
  });
});
