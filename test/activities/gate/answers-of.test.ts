import { expect, test } from 'vitest';
import { answersOf } from '../../../activities/gate/ask-targets.ts';
import { isAskable, planSuite } from '../../../expectations/compile.ts';
import { judgeEntry } from '../../../expectations/judge.ts';
import { targetsOf } from '../../../expectations/measuring.ts';
import { expectation, suiteOf } from '../../expectations/suite-text.ts';

const columns = new Map([['id', { name: 'id', type: 'integer', category: 'whole' as const }]]);
const entries = planSuite(
  suiteOf([
    expectation('expect_column_values_to_be_unique', { column: 'id' }),
    expectation('expect_column_values_to_not_be_null', { column: 'id' }),
  ]),
  { relation: ['public', 't'], collapse: null, columns, key: [] },
  { values: {}, asOf: '2017-01-01T10:00:00.000Z', format: null },
).filter(isAskable);

test('a promise of which a number is missing has failed: it is never read as 0', () => {
  const targets = targetsOf(entries);
  const beside = targets.find(({ kind }) => kind === 'beside');
  const counted = new Map(targets.filter((one) => one !== beside).map((one) => [one, 3] as const));
  const answers = answersOf(entries, { values: counted, errors: new Map() });
  const judged = entries.map((entry) => judgeEntry(entry, answers.get(entry.expectation.index)));
  expect(judged.map(({ success, error }) => error?.reason ?? success)).toEqual(['it was not asked', true]);
});
