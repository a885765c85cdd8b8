import { userInfo } from 'node:os';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { backfillUpdates } from '../../workflows/backfill/updates.ts';
import type { Connections } from '../connect.ts';
import { Failure } from '../exit-codes.ts';

/** What somebody may ask of a backfill that goes on. */
export interface Steering {
  readonly width?: number;
  readonly pause: boolean;
  readonly resume: boolean;
  readonly reason?: string;
}

/**
 * Sends a backfill the updates that were asked for.
 *
 * @returns what holds now, a sentence each; none where nothing was asked.
 * @throws Failure (3) with the mend where it refuses, has ended or is not there.
 */
export async function steerBackfill(
  { client }: Connections,
  workflowId: string,
  { width, pause, resume, reason }: Steering,
): Promise<readonly string[]> {
  if (pause && resume) throw new Failure('--pause and --resume are opposites: give one of them');
  if (pause && (reason ?? '').trim() === '')
    throw new Failure('--pause needs --reason: say why, for those who find it paused');
  const handle = client.workflow.getHandle(workflowId);
  const by = userInfo().username;
  const said: string[] = [];
  const send = async (update: () => Promise<string>): Promise<void> => {
    said.push(await update().catch(refusal));
  };
  if (width !== undefined)
    await send(() => handle.executeUpdate(backfillUpdates.setWidth, { args: [{ width, by }] }));
  if (pause)
    await send(() => handle.executeUpdate(backfillUpdates.pause, { args: [{ reason: reason ?? '', by }] }));
  if (resume) await send(() => handle.executeUpdate(backfillUpdates.resume, { args: [{ by }] }));
  return said;
}

function refusal(error: unknown): never {
  if (error instanceof WorkflowUpdateFailedError) throw new Failure(error.cause?.message ?? error.message);
  if (error instanceof Error && error.name === 'WorkflowNotFoundError')
    throw new Failure('no backfill of that id goes on: it has ended, or never began');
  throw error;
}
