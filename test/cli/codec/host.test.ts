import { expect, it } from 'vitest';
import { sayHere } from '../say-here.ts';

it.each(['0.0.0.0', '127.0.0.1.example.com', '127.example.com', '10.0.0.4'])(
  'serves everybody on %s only with a token or behind a proxy that asks who they are',
  async (host) => {
    const settings = {
      WEIR_PAYLOAD_KEYS: `k:${Buffer.alloc(32, 7).toString('base64')}`,
      WEIR_PAYLOAD_KEYS_FILE: '',
      WEIR_CODEC_TOKEN: '',
    };
    expect(await sayHere(['codec', '--host', host, '--port', '0'], settings)).toMatchObject({
      code: 3,
      err: expect.stringContaining(`on ${host} everybody who reaches it could read every payload`),
    });
  },
);
