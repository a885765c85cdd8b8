import { readDataConverter } from '../../workers/codec/data-converter.ts';
import { readPayloadKeys } from '../../workers/codec/keys.ts';
import { broken, ok, PATIENCE_MS, warning, type Check } from './check.ts';

/** Whether payloads are encrypted here, and whether this shell can read what the workers have written last. */
export const payloadKeys: Check = {
  name: 'payload keys',
  run: async ({ env, temporal, taskQueue }) => {
    try {
      readDataConverter(env);
    } catch (error) {
      const why = error instanceof Error ? error.message : '';
      return [broken(why, 'mend it here and at every worker: they do not start with it either')];
    }
    const keys = readPayloadKeys(env);
    const told =
      keys === null
        ? 'payloads are not encrypted: no key is set'
        : `payloads are encrypted with ${keys.first.id}; ${[...keys.all.keys()].join(', ')} can be read`;
    if (temporal === null) return [ok(told)];
    const unread = await temporal.connection
      .withDeadline(Date.now() + PATIENCE_MS, () => missingHere(temporal.client, taskQueue))
      .catch(() => null);
    if (unread === null) return [ok(told)];
    return [
      warning(unread, 'give this shell the workers’ keys: it can neither show nor decide what they hold'),
    ];
  },
};

type Client = NonNullable<Parameters<Check['run']>[0]['temporal']>['client'];

/** What the newest run's input cannot be read for; null where it can. */
async function missingHere(client: Client, taskQueue: string): Promise<string | null> {
  for await (const { workflowId, runId } of client.workflow.list({
    query: `TaskQueue = "${taskQueue}"`,
    pageSize: 1,
  })) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const payloads = (events ?? []).flatMap((event) => [
      ...(event.workflowExecutionStartedEventAttributes?.input?.payloads ?? []),
      ...(event.activityTaskScheduledEventAttributes?.input?.payloads ?? []),
    ]);
    const { payloadCodecs } = client.options.loadedDataConverter;
    try {
      for (const codec of payloadCodecs) await codec.decode(payloads);
    } catch (error) {
      return error instanceof Error ? error.message : null;
    }
    return null;
  }
  return null;
}
