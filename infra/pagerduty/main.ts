import { parseArgs } from 'node:util';
import { endProcess } from '../local/end-process.mjs';
import { startStandIn } from './stand-in.ts';

/**
 * The stand-in as a process: `node infra/pagerduty/main.ts --port 8443 --state .weir/pagerduty/events.jsonl`.
 * Prints one line of JSON with its addresses when it is ready; the certificate to trust lies beside the state file.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    state: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
  },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  throw new Error(`--port is ${values.port}: expected a port number, or 0 for a free one`);
}
const standIn = await startStandIn({
  port,
  host: values.host,
  ...(values.state === undefined ? {} : { stateFile: values.state }),
});
process.stdout.write(`${JSON.stringify({ server: standIn.server, url: standIn.url, ca: standIn.ca })}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void standIn.stop().then(() => endProcess(0));
  });
}
