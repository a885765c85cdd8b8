/** A worker as the first page of Temporal's guide has it. Says `ready` when it polls. */
import { join } from 'node:path';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { DefaultLogger } from '@temporalio/worker';
import { followParent } from '../../../infra/local/follow-parent.ts';

const [address = '', taskQueue = ''] = process.argv.slice(2);
followParent();
Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowsPath: join(import.meta.dirname, 'workflow.ts'),
  activities: { nothing: async () => {} },
});
process.stdout.write('ready\n');
await worker.run();
await connection.close();
