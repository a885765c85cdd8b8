import { expect, test } from 'vitest';
import { didYouMean, nearMiss } from '../../expectations/suggestion.ts';

test.each([
  ['onwer', ['owner', 'runbook'], 'Did you mean `owner`?'],
  ['store_idd', ['store_name', 'store_id'], 'Did you mean `store_id`?'],
  ['Store_ID', ['store_id'], 'Did you mean `store_id`?'],
  ['nope', ['owner', 'runbook'], ''],
  ['x'.repeat(201), ['x'.repeat(200)], ''],
])('%s', (name, known, said) => {
  expect(nearMiss(name, known)).toBe(said);
});

test('few known names are listed where none is near', () => {
  expect(didYouMean('nope', ['owner', 'runbook'])).toBe('Known: owner, runbook.');
  expect(didYouMean('onwer', ['owner', 'runbook'])).toBe('Did you mean `owner`?');
});
