import { createColors } from 'picocolors';
import { describe, expect, it } from 'vitest';
import { renderClaims, renderTally } from '../../../infra/demo/claims-text.ts';
import {
  checkClaims,
  checkFalsified,
  exitCode,
  falsifyEach,
  readFalsify,
  type Claim,
} from '../../../infra/demo/claims.ts';
import { claimNames, claimsOfStep, storyClaims } from '../../../infra/demo/story-claims.ts';

/** A world of one number; aside changes a copy. */
interface Counter {
  rows: number;
  readonly aside: <Result>(look: (world: Counter) => Promise<Result>) => Promise<Result>;
}

function counter(rows: number): Counter {
  const world: Counter = {
    rows,
    aside: async (look) => {
      const before = world.rows;
      try {
        return await look(world);
      } finally {
        world.rows = before;
      }
    },
  };
  return world;
}

function claim(name: string, changes: Partial<Claim<Counter>> = {}): Claim<Counter> {
  return {
    name,
    step: 1,
    says: 'three rows are there',
    from: 'a counter',
    expected: () => ({ rows: 3 }),
    read: async (world) => ({ rows: world.rows }),
    falsify: (world) => {
      world.rows -= 1;
      return world;
    },
    ...changes,
  };
}

const claims = [claim('first'), claim('second')];
const names = ['first', 'second'];
const plain = createColors(false);

describe('checking claims', () => {
  it('holds what is found as expected', async () => {
    const checked = await checkClaims(claims, counter(3));
    expect(checked.map(({ held }) => held)).toEqual([true, true]);
    expect(exitCode(checked, names)).toBe(0);
  });

  it('does not hold what is not, and reads on', async () => {
    const checked = await checkClaims(
      [claim('first', { expected: () => ({ rows: 4 }) }), claim('second')],
      counter(3),
    );
    expect(checked.map(({ held }) => held)).toEqual([false, true]);
    expect(exitCode(checked, names)).toBe(1);
  });

  it('does not hold what cannot be read, whichever side fails', async () => {
    const broken = () => Promise.reject(new Error('no such table'));
    const checked = await checkClaims(
      [claim('first', { read: broken }), claim('second', { expected: broken })],
      counter(3),
    );
    expect(checked).toMatchObject([
      { held: false, found: null, error: 'no such table' },
      { held: false, expected: null, error: 'no such table' },
    ]);
  });

  it('does not exit 0 when a claim was never reached, or when there are none', async () => {
    expect(exitCode(await checkClaims(claims.slice(0, 1), counter(3)), names)).toBe(1);
    expect(exitCode([], [])).toBe(1);
  });
});

describe('falsifying', () => {
  it.each(names)('%s makes its reading fail and leaves the world as it was', async (name) => {
    const world = counter(3);
    const checked = await checkClaims(claims, world, new Set([name]));
    expect(checked.filter(({ held }) => !held)).toMatchObject([
      { name, falsified: true, found: { rows: 2 } },
    ]);
    expect(exitCode(checked, names)).toBe(1);
    expect(world.rows).toBe(3);
  });

  it('keeps the expected side, even where that is a reading too', async () => {
    const following = claim('first', { expected: (world) => ({ rows: world.rows }) });
    expect(await checkFalsified(following, counter(3))).toMatchObject({
      held: false,
      expected: { rows: 3 },
      found: { rows: 2 },
    });
  });

  it('shows a claim that cannot be made false', async () => {
    expect(await checkFalsified(claim('first', { falsify: (world) => world }), counter(3))).toMatchObject({
      held: true,
    });
  });

  it('one at a time gives a non-zero exit each', async () => {
    const world = counter(3);
    const each = await falsifyEach(claims, world, await checkClaims(claims, world));
    expect(each).toMatchObject([
      { name: 'first', exitCode: 1, checked: { held: false, error: null } },
      { name: 'second', exitCode: 1, checked: { held: false, error: null } },
    ]);
    const idle = [claim('first', { falsify: (same) => same }), claim('second')];
    expect((await falsifyEach(idle, world, await checkClaims(idle, world)))[0]).toMatchObject({
      exitCode: 0,
    });
  });

  it('takes names, each, and nothing it does not know', () => {
    expect(readFalsify(undefined, names)).toEqual(new Set());
    expect(readFalsify('second, first', names)).toEqual(new Set(names));
    expect(readFalsify('each', names)).toEqual(new Set(names));
    expect(() => readFalsify('third', names)).toThrow(
      '--falsify does not know third; the claims are first, second, or each',
    );
  });
});

describe('printing claims', () => {
  it('aligns names and puts expected over found', async () => {
    const checked = await checkClaims(
      [claim('one'), claim('longer', { expected: () => ['a', 'b'] })],
      counter(3),
    );
    expect(renderClaims(checked, plain)).toBe(
      [
        '  ✓ one    three rows are there',
        '           expected rows 3',
        '           found    rows 3 ← a counter',
        '  ✗ longer three rows are there',
        '           expected a, b',
        '           found    rows 3 ← a counter',
      ].join('\n'),
    );
  });

  it('says what was falsified and what could not be read', async () => {
    const world = counter(3);
    expect(renderClaims([await checkFalsified(claim('one'), world)], plain)).toContain(
      '(falsified on purpose)',
    );
    const unreadable = claim('one', { read: () => Promise.reject(new Error('gone')) });
    expect(renderClaims(await checkClaims([unreadable], world), plain)).toContain('could not be read: gone');
  });

  it('shows nothing as nothing, and cuts what is long', async () => {
    const long = claim('one', { expected: () => [], read: async () => 'x'.repeat(500) });
    const text = renderClaims(await checkClaims([long], counter(3)), plain);
    expect(text).toContain('expected nothing');
    expect(text).toContain(`${'x'.repeat(110)}… ←`);
  });

  it('counts what held, what did not, and what was never reached', async () => {
    const checked = await checkClaims([claim('first', { expected: () => 0 })], counter(3));
    expect(renderTally(checked, names, plain)).toBe(
      '0 of 2 claims held; did not hold: first; never reached: second',
    );
  });
});

describe('the claims of the story', () => {
  it('have a name each, in kebab-case', () => {
    expect(new Set(claimNames).size).toBe(claimNames.length);
    for (const name of claimNames) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('cover every step, in order', () => {
    const steps = storyClaims.map(({ step }) => step);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    for (const step of [1, 2, 3, 4, 5, 6, 7, 8] as const)
      expect(claimsOfStep(step).length).toBeGreaterThan(2);
  });
});
