import net from 'node:net';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { connectTemporal, type TemporalClient } from '../workers/temporal.ts';
import { Failure } from './exit-codes.ts';

/** How long a shell waits for Temporal's first answer. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Settings by which gRPC goes through a proxy: the address itself need not answer then. */
const PROXIES = ['grpc_proxy', 'https_proxy', 'http_proxy'] as const;

/**
 * Connects as Temporal's own environment configuration says, and tells soon where nothing answers: gRPC itself goes on
 * trying a port that refuses it.
 *
 * @throws Failure (3) naming the address and the setting.
 */
export async function reachTemporal(): Promise<TemporalClient> {
  const address = temporalAddress();
  const isProxied = PROXIES.some((name) => (process.env[name] ?? '') !== '');
  const refusal = isProxied ? null : await refusalAt(address);
  if (refusal !== null) throw noTemporal(`${address} (${refusal})`);
  return await connectTemporal({ connectTimeout: CONNECT_TIMEOUT_MS });
}

/** `host:port`, as the environment or Temporal's TOML says. */
export function temporalAddress(): string {
  return loadClientConnectConfig().connectionOptions.address ?? 'localhost:7233';
}

/** What a shell is told where Temporal does not answer. @param address as it is shown. */
export function noTemporal(address: string): Failure {
  return new Failure(
    `Temporal does not answer at ${address}: is it running, and does TEMPORAL_ADDRESS say where?`,
  );
}

/** How the address says no at once, `ECONNREFUSED`; null of one that says nothing, which the client's own time-out ends. */
async function refusalAt(address: string): Promise<string | null> {
  const [, host = 'localhost', port = '7233'] = /^(.*?)(?::(\d+))?$/.exec(address) ?? [];
  const socket = net.connect({ host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) });
  try {
    return await new Promise<string | null>((resolve) => {
      socket.setTimeout(CONNECT_TIMEOUT_MS, () => resolve(null));
      socket.once('connect', () => resolve(null));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    socket.destroy();
  }
}
