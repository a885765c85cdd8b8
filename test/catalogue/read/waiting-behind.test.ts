import fc from 'fast-check';
import { expect, it } from 'vitest';
import { waitingBehind, whoWaitsBehind } from '../../../catalogue/read/waiting-behind.ts';

/** Models without a cycle, each of which reads some of those before it, and some that are held. */
const graphs = fc
  .array(fc.record({ reads: fc.array(fc.nat(), { maxLength: 4 }), isHeld: fc.boolean() }), { maxLength: 30 })
  .map((drawn) => ({
    models: drawn.map((_, index) => `m${index}`),
    upstream: new Map(
      drawn.map(({ reads }, index) => [
        `m${index}`,
        index === 0 ? [] : [...new Set(reads.map((one) => `m${one % index}`))],
      ]),
    ),
    held: new Set(drawn.flatMap(({ isHeld }, index) => (isHeld ? [`m${index}`] : []))),
  }));

/** Whether there is a way from one model down to another, by trying every step. */
function leads(upstream: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  return (upstream.get(to) ?? []).some((one) => one === from || leads(upstream, from, one));
}

it('a model waits behind exactly the held ones from which a way leads to it', () => {
  fc.assert(
    fc.property(graphs, ({ models, upstream, held }) => {
      const found = waitingBehind({ models: models.map((name) => ({ name }) as never), upstream }, held);
      for (const name of models)
        expect(found.get(name) ?? []).toEqual(
          models.filter((one) => held.has(one) && leads(upstream, one, name)),
        );
    }),
  );
});

it('behind a held model waits whoever waits for it, in the order of all', () => {
  fc.assert(
    fc.property(graphs, ({ models, upstream, held }) => {
      const found = waitingBehind({ models: models.map((name) => ({ name }) as never), upstream }, held);
      const states = new Map(models.map((name) => [name, { waitingBehind: found.get(name) ?? [] }]));
      for (const one of models)
        expect(whoWaitsBehind(states, one)).toEqual(
          models.filter((name) => held.has(one) && leads(upstream, one, name)),
        );
    }),
  );
});
