import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { defineCommand } from 'citty';
import type { Database } from '../../activities/databases.ts';
import { resolveByHand } from '../../activities/page/by-hand.ts';
import { didYouMean } from '../../expectations/suggestion.ts';
import { answer } from '../answer.ts';
import { withConnections } from '../connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';

/**
 * `weir page resolve`: closes an incident that nothing else will.
 * @example npm run weir -- page resolve weir/production/stg_orders/orders --reason "stg_orders was taken out"
 */
export default defineCommand({
  meta: {
    name: 'resolve',
    description:
      'Close an incident that nothing else will: of a model, suite or pipeline that is no more. Whoever was told of it is told by whom and why. Incidents close by themselves otherwise, and the next failure of the same promise opens a new one. Example: weir page resolve weir/production/stg_orders/orders --reason "stg_orders was taken out" Exit codes: 0 closed, 3 none of that key is open, or could not run.',
  },
  args: {
    key: { type: 'positional', required: true, description: 'its dedup key, as weir page list shows it' },
    reason: { type: 'string', required: true, description: 'why, for those who were told' },
    by: { type: 'string', description: 'who closes it; default: the user of this shell' },
    json: { type: 'boolean', description: 'print what was closed as JSON' },
  },
  run: exitsWith(
    async ({ args: { key, reason, by = os.userInfo().username, json } }): Promise<ExitCode> =>
      await withConnections(async ({ database, client, settings }) => {
        if (reason.trim() === '') throw new Failure('--reason is empty: say why nothing else will close it.');
        const deps = {
          databases: { loader: database },
          client,
          environment: environmentOf(key),
          taskQueue: settings.taskQueue,
        };
        const told = await resolveByHand(deps, { dedupKey: key, reason, by, occasion: randomUUID() });
        if (told === null) throw await notOpen(database, key);
        answer(json, { closed: key, told, reason, by }, () => `${key} is closed\n`);
        return exitCodes.done;
      }),
  ),
});

/** The part of a key that names the installation. @throws Failure (3) for what is no key. */
function environmentOf(key: string): string {
  const [weir, environment, ...rest] = key.split('/');
  if (weir === 'weir' && environment !== undefined && rest.length > 0) return environment;
  throw new Failure(`${key} is no dedup key: those begin with weir/ENVIRONMENT/; weir page list shows them.`);
}

async function notOpen(db: Database, key: string): Promise<Failure> {
  const open = await db
    .selectFrom('control.incident')
    .select('dedup_key')
    .where('state', '=', 'open')
    .where('good_at', 'is', null)
    .execute();
  const keys = open.map(({ dedup_key }) => dedup_key);
  const there = keys.length === 0 ? 'None is.' : 'weir page list shows those that are.';
  return new Failure(`no incident of the key ${key} is open. ${didYouMean(key, keys) || there}`);
}
