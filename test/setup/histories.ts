import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;

/** Recorded histories, one a path through the workflow code, as the server's own protobuf. */
export const HISTORIES = path.resolve(import.meta.dirname, '..', 'workflows', 'histories');

/**
 * Keeps a run's history as a recorded path when RECORD_HISTORIES is set and there is none of the name: what earlier
 * versions recorded is what later code must still replay, and is never written over.
 */
export async function keepHistory(name: string, run: Pick<WorkflowHandle, 'fetchHistory'>): Promise<void> {
  if (process.env['RECORD_HISTORIES'] === undefined) return;
  await mkdir(HISTORIES, { recursive: true });
  const file = path.join(HISTORIES, `${name}.pb`);
  if (existsSync(file)) return;
  await writeFile(file, History.encode(withoutOrigin(await run.fetchHistory())).finish());
}

/** Which machine recorded it, and where its files lay, is nobody's business and differs each time. */
function withoutOrigin(
  history: proto.temporal.api.history.v1.IHistory,
): proto.temporal.api.history.v1.History {
  const plain: unknown = JSON.parse(
    JSON.stringify(
      History.toObject(History.fromObject(history), { bytes: String, longs: String }),
      (key, value: unknown) => (key === 'stackTrace' || key === 'identity' ? '' : value),
    ),
  );
  return History.fromObject(isFields(plain) ? plain : {});
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Reads a recorded history. */
export async function readHistory(file: string): Promise<proto.temporal.api.history.v1.IHistory> {
  return History.decode(await readFile(path.join(HISTORIES, file)));
}
