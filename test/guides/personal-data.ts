import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from '@temporalio/client';
import { readDataConverter } from '../../workers/codec/data-converter.ts';
import type { PreparedGuide, PrepareGuide } from './guide.ts';
import { guidedWeir } from './guided-weir.ts';

/** An installation whose payloads are encrypted with a key since May, and a run that says so. */
export const prepare: PrepareGuide = async ({ folder }): Promise<PreparedGuide> => {
  const WEIR_PAYLOAD_KEYS_FILE = path.join(folder, 'payload-keys');
  writeFileSync(WEIR_PAYLOAD_KEYS_FILE, `2026-05:${randomBytes(32).toString('base64')}\n`);
  const { weir, env, close } = await guidedWeir({ WEIR_PAYLOAD_KEYS_FILE, WEIR_MONITOR: 'off' });
  const { connection, namespace, taskQueue } = weir.temporal;
  const dataConverter = readDataConverter({ WEIR_PAYLOAD_KEYS_FILE });
  const client = new Client({ connection, namespace, dataConverter });
  const workflowId = 'hourly-2017-01-02T09';
  await client.workflow.execute('hourlyIncrementalLoad', {
    taskQueue,
    workflowId,
    args: [{ asOf: '2017-01-02T09:00:00.000Z' }],
  });
  return { env: { ...env, WEIR_PAYLOAD_KEYS_FILE }, close };
};
