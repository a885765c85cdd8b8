import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isObject } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { PeerMissing } from './python.ts';

/** A peer's process, which waits for tables to check. */
export interface Peer {
  /** From starting the process until it was ready to check: imports, configuration, connection. */
  readonly startUpSeconds: number;
  /**
   * Checks one table; the seconds inside the tool, from its data source being ready to the result.
   *
   * @throws PeerMissing where it ended, or finds other than good checks.
   */
  check(order: JsonObject): Promise<number>;
  stop(): Promise<void>;
}

/** What to start, and where it says what it says of its own accord. */
export interface PeerProcess {
  readonly name: string;
  readonly python: string;
  readonly source: string;
  readonly env: NodeJS.ProcessEnv;
  /** What the peer connects with and checks for. */
  readonly settings: JsonObject;
  /** How many checks it has to make of each table; null: any number. Eight, those of the suite, when left out. */
  readonly checks?: number | null;
}

/**
 * Starts a peer.
 *
 * @throws PeerMissing when it ends before it is ready, with the end of what it said.
 */
export async function startPeer(peer: PeerProcess): Promise<Peer> {
  const { name, python, source, env, settings, checks = 8 } = peer;
  const began = performance.now();
  const child = spawn(python, [join(source, 'peer.py')], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-3000)));
  child.stdin.on('error', () => undefined); // It has ended: its missing answer says so.
  child.on('error', (error) => (said += error.message));
  const ended = new Promise<null>((accept) => child.once('close', () => accept(null)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<JsonObject> => {
    const line = await Promise.race([lines.next(), ended]);
    if (line === null || line.done === true) {
      await ended;
      throw new PeerMissing(`${name} ended. It said at last:\n${said}`);
    }
    const read: Json = JSON.parse(line.value);
    if (!isObject(read)) throw new Error(`${name} answered ${line.value}`);
    return read;
  };
  const send = (order: JsonObject): boolean => child.stdin.write(`${JSON.stringify(order)}\n`);
  send(settings);
  await answer();
  const startUpSeconds = (performance.now() - began) / 1000;
  return {
    startUpSeconds,
    check: async (order) => {
      send(order);
      const { seconds, asked, failed } = await answer();
      const all = checks === null ? asked !== 0 : asked === checks;
      if (typeof seconds !== 'number' || !all || JSON.stringify(failed) !== '[]')
        throw new PeerMissing(
          `${name} did not find ${checks ?? 'only'} good checks: ${JSON.stringify({ asked, failed })}\n${said}`,
        );
      return seconds;
    },
    stop: async () => {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    },
  };
}
