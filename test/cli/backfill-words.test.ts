import { expect, it } from 'vitest';
import { say } from './say.ts';

/** Nobody listens there: what is refused is refused before anything is asked. */
const NOWHERE = { DATABASE_URL: 'postgres://nobody@localhost:1/nothing' };

it.each([
  [['hourly', '--pause'], 'need the id of a backfill'],
  [['hourly', '--from', '2017-01-01T08:30:00Z'], '--from 2017-01-01T08:30:00Z is within an hour'],
  [['hourly', '--stop-after', '0'], '--stop-after is 0; give a whole number from 1 on'],
  [['weekly'], 'give "hourly" or "daily"'],
])('weir backfill %j is refused with its mend', { timeout: 60_000 }, async (words, mend) => {
  expect(await say(['backfill', ...words], NOWHERE)).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringContaining(mend),
  });
});
