import path from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { aesCodec, keylessCodec } from './aes-codec.ts';
import { readPayloadKeys } from './keys.ts';

/** Where the SDK and the workflows' bundle find how failures are encoded. */
export const FAILURE_CONVERTER = path.join(import.meta.dirname, 'failure-converter.ts');

/**
 * How workers and clients write payloads: encrypted where there are keys, failures' messages and stacks with them unless
 * WEIR_PAYLOAD_FAILURES says `plain`; as they are where there is no key.
 *
 * @throws Error for keys that cannot be used; no key is in it.
 */
export function readDataConverter(env: NodeJS.ProcessEnv): DataConverter {
  const keys = readPayloadKeys(env);
  const failures = env['WEIR_PAYLOAD_FAILURES'] ?? '';
  if (!['', 'plain', 'encrypted'].includes(failures))
    throw new Error(`WEIR_PAYLOAD_FAILURES is ${JSON.stringify(failures)}: give encrypted or plain.`);
  if (keys === null) return { payloadCodecs: [keylessCodec] };
  return {
    payloadCodecs: [aesCodec(keys)],
    ...(failures === 'plain' ? {} : { failureConverterPath: FAILURE_CONVERTER }),
  };
}
