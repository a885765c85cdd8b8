import { expect, it } from 'vitest';
import { say } from './say.ts';

/** Nobody listens there: what is refused is refused before anything is asked. */
const NOWHERE = { DATABASE_URL: 'postgres://nobody@localhost:1/nothing' };

it.each([
  [['hourly', '--pause'], 'need the id of a backfill'],
  [['hourly', '--from', '2017-01-01T08:30:00Z'], '--from 2017-01-01T08:30:00Z is within an hour'],
  [['hourly', '--stop-after', '0'], '--stop-after is 0; give a whole number from 1 on'],
  [['weekly'], 'give "hourly", "minute" or "daily"'],
  [['backfill-hourly-1a2b3c4d', '--width', '8', '--dry-run'], '--dry-run is for a new backfill'],
  [['backfill-hourly-1a2b3c4d', '--from', '2017-01-01'], '--from is for a new backfill'],
  [['backfill-hourly-1a2b3c4d', '--reason', 'lunch'], 'give --pause with it'],
  [['backfill-hourly-1a2b3c4d', '--width', '0'], 'weir: --width is 0; give a whole number from 1 to 100'],
])('weir backfill %j is refused with its mend', { timeout: 60_000 }, async (words, mend) => {
  expect(await say(['backfill', ...words], NOWHERE)).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringContaining(mend),
  });
});
