import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Runtime, type RuntimeOptions } from '@temporalio/worker';

/** What Temporal's own core counts: its text, as Prometheus reads it. */
export interface TemporalExporter {
  /** @throws Error where it does not answer in time. */
  read(timeoutMs: number): Promise<string>;
}

/** Between finding a free port and the core's taking it another process may be quicker. */
const TRIES = 5;

/**
 * Installs Temporal's runtime with its own exporter, which can be given no handler but only an address: one on this machine
 * alone, which `/metrics` reads and hands on. Has to come before any connection of the process.
 *
 * The three options of units make names and numbers those of Temporal's documentation: `_total`, `_seconds`, seconds.
 *
 * @see https://docs.temporal.io/references/sdk-metrics
 */
export async function installMeasured(options: RuntimeOptions): Promise<TemporalExporter> {
  for (let left = TRIES; ; left -= 1) {
    const bindAddress = `127.0.0.1:${await freePort()}`;
    const prometheus = {
      bindAddress,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
    };
    try {
      Runtime.install({
        ...options,
        telemetryOptions: {
          ...options.telemetryOptions,
          metrics: { attachServiceName: false, prometheus },
        },
      });
      return { read: (timeoutMs) => readText(`http://${bindAddress}/metrics`, timeoutMs) };
    } catch (error) {
      if (left <= 1 || !(error instanceof Error && /address already in use/i.test(error.message)))
        throw error;
    }
  }
}

async function readText(url: string, timeoutMs: number): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`Temporal's exporter answered ${response.status}`);
  return response.text();
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
