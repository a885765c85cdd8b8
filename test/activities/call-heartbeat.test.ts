import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { callAddress } from '../../activities/call-heartbeat.ts';

let server: Server;
let asked: string[] = [];
afterEach(() => {
  asked = [];
  server.closeAllConnections();
  server.close();
});

/** Answers as told. @returns its address, which is a secret. */
async function listening(status: number): Promise<string> {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(status, { location: '/else' }).end('a body');
  });
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  return `http://localhost:${typeof address === 'object' ? address?.port : 0}/ping/a-secret`;
}

const never = new AbortController().signal;

async function failureOf(url: string, signal = never): Promise<unknown> {
  return callAddress(url, signal).catch((error: unknown) => error);
}

describe('a heartbeat', () => {
  it('is one call to the address that waits for it', async () => {
    expect(await callAddress(await listening(200), never)).toBe(200);
    expect(asked).toEqual(['POST /ping/a-secret']);
  });

  it.each([404, 500, 302])(
    'is not heard where %s is answered, and the address is not told',
    async (status) => {
      const url = await listening(status);
      const failure = await failureOf(url);
      expect(failure).toMatchObject({ type: 'HeartbeatUnanswered' });
      expect(asked).toHaveLength(1);
      const { port } = new URL(url);
      for (const secret of ['a-secret', 'localhost', port])
        expect(JSON.stringify(failure) + String(failure)).not.toContain(secret);
    },
  );

  it('is not heard where nobody listens, or who called was stopped', async () => {
    const url = await listening(200);
    const closed = once(server, 'close');
    server.close();
    await closed;
    expect(String(await failureOf(url))).toContain('was called and nobody answered (ECONNREFUSED)');
    expect(String(await failureOf(url, AbortSignal.abort()))).toContain('nobody answered (AbortError)');
  });
});
