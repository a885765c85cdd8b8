import { expect, test } from 'vitest';
import { PeerMissing } from '../../../bench/peers/python.ts';
import { runRounds } from '../../../bench/gates/rounds.ts';

const order = { rows: 10, count: 3, warmUp: false, onProgress: () => {}, onMissing: () => {} };

/** Contestants that take so many seconds, and the order in which they were asked. */
function race(seconds: Readonly<Record<string, number>>) {
  const asked: string[] = [];
  const contestants = Object.entries(seconds).map(([name, took]) => ({
    name,
    check: (rows: number) => {
      asked.push(`${name} ${rows}`);
      return Promise.resolve(took);
    },
  }));
  return { asked, contestants };
}

test('each round begins with another one', async () => {
  const { asked, contestants } = race({ a: 1, b: 2, c: 3 });
  await runRounds(contestants, [], order);
  expect(asked.join()).toBe('a 10,b 10,c 10,b 10,c 10,a 10,c 10,a 10,b 10');
});

test('a round to warm up does not count', async () => {
  const { asked, contestants } = race({ a: 1 });
  expect(await runRounds(contestants, [], { ...order, warmUp: true })).toHaveLength(3);
  expect(asked).toHaveLength(4);
});

test('a round to warm up drops nobody: the first one there finds nothing in the caches', async () => {
  let asked = 0;
  const cold = { name: 'cold', check: async () => (asked++ === 0 ? 9 : 1) };
  const rounds = await runRounds([cold, ...race({ a: 1 }).contestants], ['cold', 'a'], {
    ...order,
    warmUp: true,
  });
  expect(rounds.map((round) => round.get('cold'))).toEqual([1, 1, 1]);
});

test('of alternatives, one that is far behind the best is asked once; whoever else is slow goes on', async () => {
  const { contestants } = race({ fast: 1, slow: 2.1, near: 1.9, other: 9 });
  const rounds = await runRounds(contestants, ['fast', 'slow', 'near'], order);
  expect(rounds.map((round) => [...round.keys()].toSorted())).toEqual([
    ['fast', 'near', 'other', 'slow'],
    ['fast', 'near', 'other'],
    ['fast', 'near', 'other'],
  ]);
});

test('a peer that breaks is missing, and the others go on; anything else ends the bench', async () => {
  const broken = (error: Error) => ({
    name: 'broken',
    check: async () => {
      throw error;
    },
  });
  const { contestants } = race({ a: 1 });
  const missing: string[] = [];
  const onMissing = (reason: string) => missing.push(reason);
  const rounds = await runRounds([broken(new PeerMissing('it ended')), ...contestants], [], {
    ...order,
    onMissing,
  });
  expect(missing).toEqual(['broken: it ended']);
  expect(rounds.map((round) => [...round.keys()])).toEqual([['a'], ['a'], ['a']]);
  await expect(runRounds([broken(new Error('wrong'))], [], order)).rejects.toThrow('wrong');
});
