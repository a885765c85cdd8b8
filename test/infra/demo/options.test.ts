import { expect, test } from 'vitest';
import { readOptions } from '../../../infra/demo/options.ts';

test('what the demo takes is read, and what it does not take is named, with where to look', () => {
  expect(readOptions(['--look', '--home', 'here'])).toMatchObject({ look: true, exit: false, home: 'here' });
  expect(() => readOptions(['--lok'])).toThrow(/'--lok'.*`npm run demo -- --help` says what it takes\./s);
  expect(() => readOptions(['look'])).toThrow(/'look'.*--help/s);
});
