import { InterceptingCall, status, type Interceptor } from '@grpc/grpc-js';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_INTERCEPTORS } from '../../workers/ask-again.ts';
import { testTemporal, type TestTemporal } from '../setup/temporal.ts';

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal();
  await temporal.client.schedule.create({
    scheduleId: temporal.taskQueue,
    spec: { calendars: [{ hour: 3 }] },
    action: { type: 'startWorkflow', workflowType: 'none', taskQueue: temporal.taskQueue },
    state: { paused: true },
  });
});
afterAll(async () => {
  await temporal.client.schedule.getHandle(temporal.taskQueue).delete();
  await temporal.close();
});

/** How many milliseconds each try was given, in order; Infinity where it was given no end. */
interface Tries {
  readonly givenMs: number[];
}

/** The server loses a query's answer by a race that nobody can make happen: here the first answers come to nothing. */
function loseAnswers(call: string, lost: number, tries: Tries): Interceptor {
  return (options, nextCall) => {
    // What is begun without a deadline to see whether the connection is open is not sent.
    if (!options.method_definition.path.endsWith(`/${call}`) || options.deadline === Infinity)
      return new InterceptingCall(nextCall(options));
    tries.givenMs.push(options.deadline === undefined ? Infinity : Number(options.deadline) - Date.now());
    if (tries.givenMs.length > lost) return new InterceptingCall(nextCall(options));
    // The time is up before the answer is there.
    return new InterceptingCall(nextCall({ ...options, deadline: Date.now() }));
  };
}

async function connected(interceptors: readonly Interceptor[]): Promise<Client> {
  const connection = await Connection.connect({
    address: temporal.address,
    interceptors: [...CLIENT_INTERCEPTORS, ...interceptors],
  });
  return new Client({ connection, namespace: temporal.namespace });
}

describe('a query whose answer is lost', () => {
  it.each([1, 2, 3])('is asked again, %i times in a row', async (lost) => {
    const tries: Tries = { givenMs: [] };
    const client = await connected([loseAnswers('DescribeSchedule', lost, tries)]);
    const { state } = await client.schedule.getHandle(temporal.taskQueue).describe();
    expect(state.paused).toBe(true);
    expect(tries.givenMs).toHaveLength(lost + 1);
    const most = [2_000, 4_000, 8_000, Infinity];
    for (const [at, given] of tries.givenMs.entries()) expect(given).toBeLessThanOrEqual(most[at] ?? 0);
    await client.connection.close();
  });

  it('is given up after the fourth try, with what the server said', async () => {
    const tries: Tries = { givenMs: [] };
    const client = await connected([loseAnswers('DescribeSchedule', 9, tries)]);
    await expect(client.schedule.getHandle(temporal.taskQueue).describe()).rejects.toMatchObject({
      cause: { code: status.DEADLINE_EXCEEDED },
    });
    expect(tries.givenMs).toHaveLength(4);
    await client.connection.close();
  });

  it('is not asked again where the connection was closed meanwhile, and nothing is thrown aside', async () => {
    const tries: Tries = { givenMs: [] };
    const client = await connected([loseAnswers('DescribeSchedule', 9, tries)]);
    const asked = client.schedule
      .getHandle(temporal.taskQueue)
      .describe()
      .catch((error: unknown) => error);
    await client.connection.close();
    expect(await asked).toMatchObject({ cause: { code: status.DEADLINE_EXCEEDED } });
    expect(tries.givenMs).toHaveLength(1);
  });

  it('is not asked again after the time that its caller gave', async () => {
    const tries: Tries = { givenMs: [] };
    const client = await connected([loseAnswers('DescribeSchedule', 9, tries)]);
    const began = Date.now();
    await expect(
      client.withDeadline(began, () => client.schedule.getHandle(temporal.taskQueue).describe()),
    ).rejects.toMatchObject({ cause: { code: status.DEADLINE_EXCEEDED } });
    expect(tries.givenMs).toHaveLength(1);
    await client.connection.close();
  });
});

it('whatever changes something is given all the time it needs, and sent once', async () => {
  const tries: Tries = { givenMs: [] };
  const client = await connected([loseAnswers('PatchSchedule', 9, tries)]);
  await expect(client.schedule.getHandle(temporal.taskQueue).pause()).rejects.toMatchObject({
    cause: { code: status.DEADLINE_EXCEEDED },
  });
  expect(tries.givenMs).toEqual([Infinity]);
  await client.connection.close();
});
