import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { broken, ok, PATIENCE_MS, skipped, type Check, type Finding } from './check.ts';
import { reasonOf } from './ask-postgres.ts';

/** Whether pages can be sent: the key, and the host it is for. No page is sent. */
export const pager: Check = {
  name: 'pager',
  run: async ({ env }) => {
    const key = env['PAGERDUTY_ROUTING_KEY'] ?? '';
    if (key === '') return skipped('PAGERDUTY_ROUTING_KEY is not set in this shell');
    const server = env['WEIR_PAGERDUTY_SERVER'] ?? 'events.pagerduty.com';
    return [...keyFindings(key), await reach(server, env['WEIR_PAGERDUTY_CA_FILE'])];
  },
};

/** @see https://developer.pagerduty.com/docs/send-alert-event for the routing key: 32 characters. */
export function keyFindings(key: string): readonly Finding[] {
  if (/^[A-Za-z0-9]{32}$/.test(key)) return [];
  return [
    broken(
      `PAGERDUTY_ROUTING_KEY has ${key.length} characters${/^[A-Za-z0-9]*$/.test(key) ? '' : ', not all of them letters and digits'}, and a key has 32`,
      'use the integration key of an Events API v2 integration',
    ),
  ];
}

async function reach(server: string, caFile: string | undefined): Promise<Finding> {
  const [host = server, port = '443'] = server.split(':');
  try {
    const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') };
    await handshake({ host, port: Number(port), servername: host, ...ca });
    return ok(`${server} answers; no page was sent`);
  } catch (error) {
    return broken(
      `${server} cannot be reached: ${reasonOf(error)}`,
      'let this machine out to it by HTTPS; of a stand-in, WEIR_PAGERDUTY_SERVER and WEIR_PAGERDUTY_CA_FILE',
    );
  }
}

function handshake(options: tls.ConnectionOptions): Promise<void> {
  const socket = tls.connect(options);
  return new Promise<void>((resolve, reject) => {
    socket.setTimeout(PATIENCE_MS, () => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  }).finally(() => socket.destroy());
}
