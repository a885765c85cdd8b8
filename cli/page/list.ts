import { defineCommand } from 'citty';
import type { Database } from '../../activities/databases.ts';
import { ageText } from '../age-text.ts';
import { answer } from '../answer.ts';
import { withDatabase } from '../connect.ts';
import { exitCodes, exitsWith, type ExitCode } from '../exit-codes.ts';
import { plain } from '../plain.ts';

/**
 * `weir page list`: what on-call has open, and what they were not told.
 * @example npm run weir -- page list --json
 */
export default defineCommand({
  meta: {
    name: 'list',
    description:
      'Show the incidents that are open, and pages that are not delivered: tried again, or given up within the last week. Example: weir page list Exit codes: 0 everything is delivered, 2 something is not, 3 could not run.',
  },
  args: { json: { type: 'boolean', description: 'print as JSON' } },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const pages = await withDatabase('weir page list', readPages);
    answer(args.json, pages, () => pagesText(pages));
    return pages.undelivered.length > 0 ? exitCodes.warned : exitCodes.done;
  }),
});

const WEEK_MS = 7 * 24 * 60 * 60_000;

async function readPages(db: Database) {
  const [incidents, undelivered] = await Promise.all([
    db
      .selectFrom('control.incident')
      .select(['dedup_key', 'kind', 'model', 'opened_at'])
      .where('state', '=', 'open')
      .orderBy('opened_at')
      .execute(),
    db
      .selectFrom('control.page_delivery')
      .select([
        'dedup_key',
        'action',
        'notifier',
        'state',
        'status',
        'reason',
        'attempts',
        'last_tried_at',
        'next_try_at',
      ])
      .where('state', '<>', 'sent')
      .where('last_tried_at', '>', new Date(Date.now() - WEEK_MS))
      .orderBy('last_tried_at', 'desc')
      .execute(),
  ]);
  return { incidents, undelivered };
}

function pagesText({ incidents, undelivered }: Awaited<ReturnType<typeof readPages>>): string {
  const now = Date.now();
  const ago = (at: Date): string => ageText((now - at.getTime()) / 1_000);
  const open = incidents.map(
    ({ dedup_key, kind, opened_at }) => `  ${plain(dedup_key)} (${kind}), open for ${ago(opened_at)}`,
  );
  const failing = undelivered.map(
    ({ dedup_key, action, notifier, state, reason, attempts, last_tried_at, next_try_at }) =>
      `  ${action} of ${plain(dedup_key)} to ${notifier}: ${state === 'undelivered' ? 'GIVEN UP' : `tried ${attempts} times`}, last ${ago(last_tried_at)} ago${next_try_at === null ? '' : `, again ${next_try_at.toISOString()}`}: ${plain(reason ?? 'no reason')}`,
  );
  return [
    open.length === 0 ? 'no incident is open' : `${open.length} open:`,
    ...open,
    failing.length === 0 ? 'everything is delivered' : `${failing.length} not delivered:`,
    ...failing,
    '',
  ].join('\n');
}
