import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { RunRef } from '../activities/run-ref.ts';
import { isOpen } from '../activities/watch/ended-runs.ts';
import type { DataConverter } from '@temporalio/common';
import { CLIENT_INTERCEPTORS } from './ask-again.ts';
import { readDataConverter } from './codec/data-converter.ts';
import { redactSent } from './redact-client.ts';

/** A client and the namespace it talks to, as Temporal's own environment configuration says. */
export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  readonly namespace: string;
  /** How payloads are written: for whoever makes a worker of the same namespace. */
  readonly dataConverter?: DataConverter;
}

/** How long to wait for the server's first answer; the SDK's own 10 s when left out. */
export type ConnectOptions = Pick<ConnectionOptions, 'connectTimeout'>;

/** Connects by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS… or the profile in Temporal's TOML. */
export async function connectTemporal(options: ConnectOptions = {}): Promise<TemporalClient> {
  const dataConverter = readDataConverter(process.env);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await connect({ ...connectionOptions, ...options });
  const client = new Client({
    connection,
    namespace,
    dataConverter,
    interceptors: { workflow: [redactSent] },
  });
  return { client, connection, namespace, dataConverter };
}

/** A connection of the SDK that asks again for what was lost on the way. */
export function connect(options: ConnectionOptions): Promise<Connection> {
  return Connection.connect({ ...options, interceptors: [...CLIENT_INTERCEPTORS] });
}

/**
 * Whether the workflow that a run belongs to is still open. By workflow id alone: after a reset another run of the
 * same workflow carries its work on.
 */
export function createIsRunOpen(client: Client): (run: RunRef) => Promise<boolean> {
  return ({ workflowId }) => isOpen({ client }, workflowId);
}

/** Whether a run is the one that its workflow id means now: a reset puts another in its place. */
export function createIsCurrentRun(client: Client): (run: RunRef) => Promise<boolean> {
  return async ({ workflowId, runId }) => {
    try {
      return (await client.workflow.getHandle(workflowId).describe()).runId === runId;
    } catch (error) {
      if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
      throw error;
    }
  };
}
