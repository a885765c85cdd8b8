import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { sql } from 'kysely';
import { startStandIn } from '../../infra/pagerduty/stand-in.ts';
import { startTestService } from '../activities/notifiers/test-service.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';

const DESK_KEY = `whsec_${Buffer.from('finance-finance-finance-finance!').toString('base64')}`;

/** The receivers of the guide: a stand-in for PagerDuty, a Slack, and a desk that verifies as the guide says. */
export const prepare: PrepareGuide = async ({ database, folder }): Promise<PreparedGuide> => {
  const standIn = await startStandIn();
  const slack = await startTestService({
    taken: 'ok',
    refusal: 'invalid_payload',
    path: 'services/T0/B0/x',
    read: () => ({ action: '', key: '' }),
  });
  const desk = await startDesk(path.join(folder, 'verify.mjs'));
  writeFileSync(path.join(folder, 'ca.pem'), standIn.ca);
  writeFileSync(path.join(folder, 'slack-url'), slack.url);
  await sql`
    insert into control.incident (dedup_key, state, kind, model, workflow_id, opened_at, first_failed_at)
    values ('weir/production/stg_transactions/transactions', 'open', 'gateHeld', 'stg_transactions', 'hourly',
      now() - interval '1 hour', now())`.execute(database.admin);
  await sql`
    insert into control.page_delivery (event_id, dedup_key, notifier, action, state, status, reason, attempts, last_tried_at,
      next_try_at)
    values ('e', 'weir/production/stg_transactions/transactions', 'data-chat', 'trigger', 'failing', 404,
      'Slack answered 404: look at the key or address of this receiver.', 11, now() - interval '3 min', now())`.execute(
    database.admin,
  );
  return {
    env: {
      WEIR_ENVIRONMENT: 'production',
      WEIR_NOTIFY_FILE: 'notify.yaml',
      WEIR_PAGERDUTY_SERVER: standIn.server,
      WEIR_PAGERDUTY_CA_FILE: path.join(folder, 'ca.pem'),
      PAGERDUTY_ROUTING_KEY: 'weirguideweirguideweirguideweirg',
      PAGERDUTY_OFFICE_KEY: 'weirofficeweirofficeweirofficewe',
      FINANCE_WEBHOOK_URL: desk.url,
      FINANCE_WEBHOOK_KEY: DESK_KEY,
    },
    varying: [
      [/(?:\d+ (?:min|s) )+(?=ago)/g, 'AGE '],
      [/open for 1 h(?: \d+ min)?/g, 'open for AN HOUR'],
    ],
    close: async () => {
      await Promise.all([standIn.stop(), slack.stop(), desk.stop()]);
    },
  };
};

/** Takes what the guide's own example verifies, and nothing else. */
async function startDesk(file: string) {
  const { isFromWeir }: { isFromWeir: (headers: object, body: string, key: string) => boolean } =
    await import(file);
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const isGood = isFromWeir(request.headers, body, DESK_KEY);
      const forged = isFromWeir(request.headers, `${body} `, DESK_KEY);
      const late = isFromWeir({ ...request.headers, 'webhook-timestamp': '1' }, body, DESK_KEY);
      response.writeHead(isGood && !forged && !late ? 204 : 401).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the desk has no port');
  return {
    url: `http://127.0.0.1:${address.port}/weir`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
