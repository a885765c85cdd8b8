import { describe, expect, it } from 'vitest';
import { housekeepingDetails } from '../../workflows/housekeeping-details.ts';
import { readHousekeepingInput } from '../../workflows/housekeeping-input.ts';

const chores = { partitions: 1, retention: 2, books: 3 };

describe('the input of a housekeeping', () => {
  it('is all chores where nothing is said, and the named ones in their usual order', () => {
    for (const input of [undefined, null, {}])
      expect(readHousekeepingInput(input, chores)).toEqual({
        dryRun: false,
        chores: ['partitions', 'retention', 'books'],
      });
    expect(readHousekeepingInput({ dryRun: true, chores: ['books', 'partitions'] }, chores)).toEqual({
      dryRun: true,
      chores: ['partitions', 'books'],
    });
  });

  it.each([
    [[], 'the input is no object'],
    ['retention', 'the input is no object'],
    [{ dry: true }, 'unknown field dry; the fields are dryRun, chores'],
    [{ dryRun: 'yes' }, 'dryRun is "yes"; give true or false'],
    [{ chores: [] }, 'chores is []; list some of partitions, retention, books'],
    [{ chores: 'retention' }, 'chores is "retention"'],
    [{ chores: ['toString'] }, 'chores is ["toString"]'],
  ])('%j is refused: %s', (input, problem) => {
    expect(() => readHousekeepingInput(input, chores)).toThrow(problem);
  });
});

describe('the details of a housekeeping', () => {
  it('have a line for each thing that was done, left, seen or failed, and for what is still to come', () => {
    const outcomes = new Map([
      ['retention', { state: 'done', done: ['p: dropped'], left: ['q: still needed'], warnings: ['look'] }],
      ['leases', { state: 'done', done: [] }],
      ['books', { state: 'failed', failure: 'SQLSTATE 42883' }],
      ['candidates', { state: 'waiting' }],
    ] as const);
    expect(housekeepingDetails(true, outcomes).split('\n')).toEqual([
      '**LOOKING ONLY** · nothing is changed',
      '',
      '| chore | | |',
      '| --- | --- | --- |',
      '| retention | done | p: dropped |',
      '| retention | left | q: still needed |',
      '| retention | **look** | look |',
      '| leases | done | nothing to do |',
      '| books | **failed** | SQLSTATE 42883 |',
      '| candidates | waiting |  |',
    ]);
  });
});
