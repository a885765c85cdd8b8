import path from 'node:path';
import { defineCommand } from 'citty';
import { exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { fromTemplate } from './template.ts';
import { PROJECT, writeNew } from './write-new.ts';

/** `weir new expectation`: a kind of promise. */
export default defineCommand({
  meta: {
    name: 'expectation',
    description:
      'Write a kind of promise about each value of a column, with examples that are its tests. Example: weir new expectation expect_column_values_to_be_upper_case Exit codes: 0 written, 3 could not; nothing is written over.',
  },
  args: {
    name: {
      type: 'positional',
      required: true,
      description: 'its name as in Great Expectations, or one of the same pattern: expect_column_values_to_…',
    },
    into: { type: 'string', description: 'the repository; default: this one' },
    json: { type: 'boolean', description: 'print what was written as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const { name } = args;
    if (!/^expect_column_values_to_[a-z0-9_]{2,80}$/.test(name))
      throw new Failure(
        `${name} is not named as kinds of promises about values of a column are: expect_column_values_to_…, small letters, digits and underscores. Of another kind copy the nearest file of expectations/types (expectations/README.md)`,
      );
    const file = path.join(args.into ?? PROJECT, 'expectations', 'types', `${name}.ts`);
    const text = fromTemplate('expectation.ts.txt', {
      expect_column_values_to_be_as_promised: name,
      'be as promised': name.replace(/^expect_column_values_to_/, '').replaceAll('_', ' '),
    });
    return writeNew(
      [{ file, text }],
      [
        'write its examples first, then what breaks it',
        'npm run gen, which puts it into the registry, the catalogue and the schema of suites',
        'npx vitest run test/expectations',
      ],
      args.json,
    );
  }),
});
