import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RunRef } from '../../activities/run-ref.ts';
import type {
  FromLoader,
  LoaderOrder,
  Question,
  StationFailure,
  StationName,
  Stations,
  ToLoader,
} from './loader.ts';

export type StationInput<Name extends StationName> = Parameters<Stations[Name]>[0];
export type StationResult<Name extends StationName> = Awaited<ReturnType<Stations[Name]>>;

/** A station that ended in an error, or whose loader is gone. */
export class StationFailed extends Error {
  readonly failure: StationFailure;

  constructor(failure: StationFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A loader process, as its parent holds it. */
export interface Loader {
  readonly alive: () => boolean;
  readonly frozen: () => boolean;
  /** Stations under way. */
  readonly busy: () => number;
  /** @throws StationFailed */
  call<Name extends StationName>(
    station: Name,
    input: StationInput<Name>,
    lateMs: number,
  ): Promise<StationResult<Name>>;
  /** Resolves when a freeze has lasted beyond the time-out of what is under way. */
  readonly timedOut: () => Promise<void>;
  freeze(beyondMs: number): void;
  wake(): void;
  /** SIGKILL. */
  kill(): Promise<void>;
}

interface Waiting {
  readonly answer: (value: unknown) => void;
  readonly fail: (error: StationFailed) => void;
}

const loaderFile = fileURLToPath(new URL('./loader.ts', import.meta.url));

/** Starts a loader; it takes stations when this resolves. @param tell answers what Temporal would be asked. */
export async function startLoader(
  order: LoaderOrder,
  tell: (question: Question, run: RunRef) => boolean,
): Promise<Loader> {
  const child = fork(loaderFile, [JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const waiting = new Map<number, Waiting>();
  const send = (message: ToLoader): void => void child.send(message, () => undefined);
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: FromLoader) => {
      if (message.kind === 'ready') resolve();
      else if (message.kind === 'ask')
        send({ kind: 'told', id: message.id, yes: tell(message.question, message.run) });
      else settle(waiting, message);
    });
    child.once('exit', () => {
      reject(new Error('a loader ended before it was ready'));
      for (const one of waiting.values()) one.fail(new StationFailed(died));
      waiting.clear();
    });
  });
  await ready;
  return handle(child, waiting, send);
}

const died: StationFailure = {
  type: 'LoaderDied',
  message: 'the loader is gone',
  nonRetryable: false,
  sqlstate: null,
};

function settle(
  waiting: Map<number, Waiting>,
  message: Extract<FromLoader, { kind: 'answer' | 'failure' }>,
): void {
  const one = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.kind === 'answer') one?.answer(message.value);
  else one?.fail(new StationFailed(message.failure));
}

function handle(
  child: ChildProcess,
  waiting: Map<number, Waiting>,
  send: (message: ToLoader) => void,
): Loader {
  let calls = 0;
  let frozen = false;
  let beyond: () => void = () => undefined;
  let timedOut = new Promise<void>((resolve) => (beyond = resolve));
  const wake = (): void => {
    frozen = false;
    timedOut = new Promise<void>((resolve) => (beyond = resolve));
    child.kill('SIGCONT');
  };
  const alive = (): boolean => child.exitCode === null && child.signalCode === null;
  let killed = false;
  return {
    alive: () => alive() && !killed,
    frozen: () => frozen,
    busy: () => waiting.size,
    timedOut: () => timedOut,
    call: <Name extends StationName>(station: Name, input: StationInput<Name>, lateMs: number) =>
      new Promise<StationResult<Name>>((resolve, reject) => {
        if (child.exitCode !== null || child.signalCode !== null) return reject(new StationFailed(died));
        calls += 1;
        // A station answers in its own shape: both ends are of one version.
        waiting.set(calls, { answer: (value) => resolve(value as StationResult<Name>), fail: reject });
        send({ kind: 'call', id: calls, station, input, lateMs });
      }),
    freeze: (beyondMs) => {
      frozen = true;
      child.kill('SIGSTOP');
      setTimeout(beyond, beyondMs);
    },
    wake,
    kill: async () => {
      if (!alive()) return;
      killed = true;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
