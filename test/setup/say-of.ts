import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { say, type Said } from '../cli/say.ts';
import type { TestWeir } from './weir.ts';

/** The environment in which a shell or a process of its own finds a test's Weir. */
export async function environmentOf({
  settings,
  temporal,
  standIn,
}: TestWeir): Promise<Readonly<Record<string, string>>> {
  const ca = path.join(await mkdtemp(path.join(tmpdir(), 'weir-cli-')), 'ca.pem');
  await writeFile(ca, standIn.ca);
  return {
    DATABASE_URL: settings.databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    WEIR_LANDING_FOLDER: settings.landingFolder,
    WEIR_TASK_QUEUE: settings.taskQueue,
    PAGERDUTY_ROUTING_KEY: settings.pagerDuty.routingKey,
    WEIR_PAGERDUTY_SERVER: standIn.server,
    WEIR_PAGERDUTY_CA_FILE: ca,
  };
}

/** `weir` as a process of its own, at a test's Weir. */
export async function sayOf(weir: TestWeir): Promise<(...args: string[]) => Promise<Said>> {
  const environment = await environmentOf(weir);
  return (...args) => say(args, environment);
}
