import { sql } from 'kysely';
import { catalogueOf } from './catalogue-of.ts';
import { sayOf } from './say-of.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { TestWeir } from './weir.ts';

/** Everything of a test's Weir that somebody outside of the database can read, by where it is read. */
export async function whatLeaves(
  weir: TestWeir,
  worker: WorkerProcess,
): Promise<ReadonlyMap<string, string>> {
  const { client, taskQueue } = weir.temporal;
  const found = new Map<string, string>();
  for await (const listed of client.workflow.list({ query: `TaskQueue = "${taskQueue}"` })) {
    const handle = client.workflow.getHandle(listed.workflowId, listed.runId);
    const { events } = await handle.fetchHistory();
    const place = `${listed.type} ${listed.workflowId}`;
    found.set(`history of ${place}`, (events ?? []).map(textOf).join('\n'));
    found.set(`description of ${place}`, textOf((await handle.describe()).raw));
    const details = await handle.query('__temporal_workflow_metadata').catch(() => null);
    found.set(`details of ${place}`, JSON.stringify(details));
  }
  for (const { dedupKey, text } of await weir.incidents()) found.set(`incident ${dedupKey}`, text);
  found.set('log', worker.output());
  if (worker.metricsUrl !== undefined) found.set('metrics', await (await fetch(worker.metricsUrl)).text());
  for (const [file, text] of await catalogueOf(weir)) found.set(`catalogue ${file}`, text);
  found.set('what is kept of promises', await promisesKept(weir));
  const say = await sayOf(weir);
  for (const words of [['status'], ['runs'], ['gate', 'list']]) {
    const { out, err } = await say(...words, '--json');
    found.set(`weir ${words.join(' ')}`, out + err);
  }
  for await (const { workflowId } of client.workflow.list({
    query: `TaskQueue = "${taskQueue}" and WorkflowType = "hourlyIncrementalLoad"`,
  })) {
    const { out, err } = await say('runs', 'show', workflowId, '--json');
    found.set(`weir runs show ${workflowId}`, out + err);
  }
  return found;
}

/** It is in the database, and outlives what may have values. */
async function promisesKept({ database }: TestWeir): Promise<string> {
  const { rows } = await sql<{ kept: string }>`
    select to_jsonb(p)::text as kept from control.promise as p union all select to_jsonb(r)::text from control.promise_result as r
    union all select to_jsonb(s)::text from control.promise_span as s`.execute(database.admin);
  if (rows.length === 0) throw new Error('No gate has kept what became of its promises.');
  return rows.map(({ kept }) => kept).join('\n');
}

/** All text within a message of the server's API, that of payloads (bytes) included. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof Map) return [...value].map(textOf).join('\n');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, one]) => `${name}: ${textOf(one)}`)
    .join('\n');
}

/** Where any of the canaries sings, and which: `history of …: NAME`. */
export function singing(
  leaving: ReadonlyMap<string, string>,
  canaries: Readonly<Record<string, string>>,
): readonly string[] {
  return [...leaving].flatMap(([place, text]) =>
    Object.entries(canaries).flatMap(([name, canary]) => {
      const at = text.toLowerCase().indexOf(canary.toLowerCase());
      return at < 0
        ? []
        : [`${place}: ${name}: …${text.slice(Math.max(0, at - 60), at + canary.length + 20)}…`];
    }),
  );
}
