import net from 'node:net';

/** A way to Postgres that can lose the answer to a COMMIT, or a connection in the middle of its work. */
export interface LossyWay {
  /** Of the way instead of the server's own. */
  readonly url: string;
  /** The next COMMIT of any connection reaches the server; its answer does not come back, the connection is gone. */
  loseNextCommit(): void;
  /** How many answers were lost. */
  readonly lost: () => number;
  /** Cuts a connection that waits for an answer; false where none does. */
  cutBusy(): boolean;
  close(): Promise<void>;
}

/** Starts one in front of the server that a URL names. */
export async function lossyWay(serverUrl: string): Promise<LossyWay> {
  const target = new URL(serverUrl);
  let armed = false;
  let lost = 0;
  const sockets = new Set<net.Socket>();
  const busy = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    let losing = false;
    client.on('data', (bytes) => {
      if (armed && /\bcommit\b/i.test(bytes.toString('latin1'))) {
        armed = false;
        losing = true;
      }
      busy.add(client);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      busy.delete(client);
      if (!losing) return void client.write(bytes);
      lost += 1;
      client.destroy();
      upstream.destroy();
    });
    client.on('close', () => {
      busy.delete(client);
      upstream.destroy();
    });
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the way has no port');
  const way = new URL(serverUrl);
  way.hostname = '127.0.0.1';
  way.port = String(address.port);
  return {
    url: way.href,
    loseNextCommit: () => {
      armed = true;
    },
    lost: () => lost,
    cutBusy: () => {
      const [first] = busy;
      first?.destroy();
      return first !== undefined;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
