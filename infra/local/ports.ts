import { createServer } from 'node:net';

/** A port that nobody listens on now. Another may take it before it is used, so callers try again. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

/** The port itself when it is free, so that links stay good from start to start; else any other. */
export async function preferredPort(port: number): Promise<number> {
  return await listenOnce(port).catch(() => freePort());
}

function listenOnce(wanted: number): Promise<number> {
  return new Promise((accept, refuse) => {
    const server = createServer();
    server.once('error', refuse);
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) accept(address.port);
        else refuse(new Error('the system gave no port'));
      });
    });
  });
}
