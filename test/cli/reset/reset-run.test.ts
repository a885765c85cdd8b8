import { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { expect, it, vi } from 'vitest';
import { resetRun } from '../../../cli/reset/reset-run.ts';

const { ResetWorkflowExecutionResponse } = proto.temporal.api.workflowservice.v1;

it('keeps nobody’s address in the history for the reason that was typed', async () => {
  const client = new Client();
  const asked = vi
    .spyOn(client.workflowService, 'resetWorkflowExecution')
    .mockResolvedValue(ResetWorkflowExecutionResponse.create({ runId: 'next' }));
  const reason = 'asked jo@example.com, +49 171 1234567: the disk is larger now';
  const run = { workflowId: 'hourly-1', runId: 'before' };
  expect(await resetRun(client, run, { eventId: 12, reason })).toBe('next');
  expect(asked.mock.calls[0]?.[0]).toMatchObject({
    reason: 'asked [e-mail], [phone]: the disk is larger now',
  });
});
