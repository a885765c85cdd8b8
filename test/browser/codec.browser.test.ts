import { randomBytes } from 'node:crypto';
import { Client } from '@temporalio/client';
import { afterEach, expect, it } from 'vitest';
import { serveCodec, type CodecServer } from '../../cli/codec/serve-codec.ts';
import { aesCodec } from '../../workers/codec/aes-codec.ts';
import { readDataConverter } from '../../workers/codec/data-converter.ts';
import { readPayloadKeys } from '../../workers/codec/keys.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { testWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';
import { inBrowser } from './in-browser.ts';
import { openDetails, openRun } from './run-page.ts';

const WEIR_PAYLOAD_KEYS = `a:${randomBytes(32).toString('base64')}`;
const workers = workerProcesses();
let server: CodecServer | null = null;
afterEach(async () => {
  await server?.close();
  await workers.stopAll();
});

it(
  'the Temporal UI shows an encrypted run through the codec server, and nothing of it without',
  inBrowser(
    async (page, weir) => {
      const plain = await workers.spawn(weir);
      await weir.loadDimensions();
      await plain.stop();
      await workers.spawn(weir, { WEIR_PAYLOAD_KEYS });
      await weir.land('transactions/2017-01-02T08.jsonl', [
        ...baskets(1, 9),
        basket(9, { total_amount: '100000.01' }),
      ]);
      const { connection, namespace, taskQueue, uiUrl } = weir.temporal;
      const dataConverter = readDataConverter({ WEIR_PAYLOAD_KEYS });
      const client = new Client({ connection, namespace, dataConverter });
      const workflowId = `${taskQueue}-encrypted`;
      await client.workflow.start('hourlyIncrementalLoad', {
        taskQueue,
        workflowId,
        args: [{ asOf: AS_OF }],
      });
      await weir.heldVerdict('stg_transactions');

      await openRun(page, weir.temporal, workflowId);
      expect(await page.getByText(/HELD stg_transactions/).count()).toBe(0);

      const keys = readPayloadKeys({ WEIR_PAYLOAD_KEYS });
      if (keys === null) throw new Error('no keys');
      const origins = [new URL(uiUrl).origin];
      server = await serveCodec({ codec: aesCodec(keys), port: 0, host: '127.0.0.1', origins, token: null });
      // What the dialogue behind the glasses keeps.
      await page.evaluate((url) => {
        localStorage.setItem('endpoint', JSON.stringify(url));
        localStorage.setItem('overrideRemoteCodecConfiguration', 'true');
      }, server.url);
      await openRun(page, weir.temporal, workflowId);
      await page
        .getByText(/HELD stg_transactions/)
        .first()
        .waitFor();
      const details = await openDetails(page);
      await details.getByText('total_amount between 0 and 100000').first().waitFor();
    },
    () => testWeir({ worker: false }),
  ),
);
