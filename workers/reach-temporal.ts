import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { connectTemporal, type TemporalClient } from './temporal.ts';

/** A worker's two connections: that of its activities' client, and that by which it polls. */
export interface WorkerConnections extends TemporalClient {
  readonly native: NativeConnection;
}

/**
 * Connects as Temporal's own environment configuration says, and asks for the namespace.
 *
 * @throws Error naming address, namespace and how it was tried, what the server said, and which settings say otherwise.
 */
export async function reachTemporal(): Promise<WorkerConnections> {
  const { connectionOptions, namespace = 'default' } = readConfig();
  try {
    // First: it says at once what is wrong with a certificate, where the client's own goes on trying.
    const native = await NativeConnection.connect(connectionOptions);
    const temporal = await connectTemporal();
    await temporal.connection.workflowService.describeNamespace({ namespace });
    return { ...temporal, native };
  } catch (error) {
    const { address = 'localhost:7233', tls, apiKey } = connectionOptions;
    const how = [
      `namespace ${namespace}`,
      tls === undefined || tls === false ? 'without TLS' : 'with TLS',
      ...(typeof tls === 'object' && tls?.clientCertPair ? ['with a client certificate'] : []),
      ...(apiKey === undefined ? [] : ['with an API key']),
    ].join(', ');
    throw new Error(
      `Temporal at ${address} cannot be worked with (${how}): ${said(error)}. ${mend(said(error))}`,
      { cause: error },
    );
  }
}

function readConfig(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    throw new Error(
      `Temporal's settings cannot be used: ${said(error)}: look at TEMPORAL_TLS_SERVER_CA_CERT_PATH, TEMPORAL_TLS_CLIENT_CERT_PATH, TEMPORAL_TLS_CLIENT_KEY_PATH and TEMPORAL_CONFIG_FILE.`,
      { cause: error },
    );
  }
}

/** What the innermost error said: those around it only say that connecting failed. */
function said(error: unknown): string {
  const texts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) texts.push(at.message);
  return texts.length === 0 ? String(error) : [...new Set(texts)].join(': ').replace(/\.$/, '');
}

const MENDS: readonly (readonly [RegExp, string])[] = [
  [
    /unauthenticated|permission.?denied|unauthorized|jwt|api.?key/i,
    'Set TEMPORAL_API_KEY to a key that may use this namespace, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH to a client certificate.',
  ],
  [
    /namespace.*not.?found|not.?found.*namespace/i,
    'Set TEMPORAL_NAMESPACE to one that the server has, or create it: temporal operator namespace create.',
  ],
  [
    /certificate ?required|handshakefailure|bad.?certificate|alert/i,
    'The server asks for a client certificate: set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH to one that it accepts.',
  ],
  [
    /certificate|issuer|not valid for name|hostname/i,
    'Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the authority that signed its certificate, and TEMPORAL_TLS_SERVER_NAME where that names another host.',
  ],
  [
    /tls|corrupt|invalid.?content|frame|http2|h2|broken pipe|closed|reset/i,
    // A server that wants a certificate may have cut the line before its alert arrives.
    'One side speaks TLS and the other does not, or the server asks for a client certificate: set TEMPORAL_TLS=true where the server does, TEMPORAL_TLS=false where it does not; or set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH.',
  ],
];

function mend(text: string): string {
  return (
    MENDS.find(([pattern]) => pattern.test(text))?.[1] ??
    'Is it running, and does TEMPORAL_ADDRESS say where? TEMPORAL_TLS, TEMPORAL_API_KEY and TEMPORAL_NAMESPACE, or a profile in Temporal’s TOML (TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE), say the rest.'
  );
}
