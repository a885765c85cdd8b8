import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isLouder,
  STORM_MS,
  umbrellaOf,
  type Lineage,
  type NewFailure,
  type Open,
  type Severity,
} from '../../../activities/page/fold.ts';

/** raw → stg → (fct, mart); raw → other; alone. */
const UPSTREAM: Readonly<Record<string, readonly string[]>> = {
  raw: [],
  far: [],
  stg: ['raw'],
  other: ['raw'],
  fct: ['stg'],
  mart: ['stg', 'far'],
  alone: ['far'],
};
const READS: Readonly<Record<string, readonly string[]>> = {
  ...{ raw: ['raw'], far: ['far'], stg: ['raw'], other: ['raw'], fct: ['stg'], mart: [], alone: [] },
};
const lineage: Lineage = {
  above: (relation) =>
    new Set([relation, ...(UPSTREAM[relation] ?? []).flatMap((one) => [...lineage.above(one)])]),
};
const NOW = Date.parse('2017-01-02T11:00:00Z');

function open(relation: string | null, changes: Partial<Open> = {}): Open {
  return {
    dedupKey: `key of ${relation ?? 'nothing'}`,
    relation,
    reads: READS[relation ?? ''] ?? [],
    severity: 'critical',
    openedAt: new Date(NOW - 60_000),
    memberOf: null,
    ...changes,
  };
}

function failure(relation: string | null, changes: Partial<NewFailure> = {}): NewFailure {
  const { dedupKey, reads, severity } = open(relation);
  return {
    ...{ dedupKey: `${dedupKey}, new`, relation, reads, severity, at: new Date(NOW) },
    ...{ because: null, wasMemberOf: null, ...changes },
  };
}

const umbrella = (one: NewFailure, all: readonly Open[], held: readonly string[] = []) =>
  umbrellaOf(one, all, new Set(held), lineage);

describe('a failure', () => {
  test('of nothing that is open pages by itself', () => {
    expect(umbrella(failure('stg'), [])).toBeNull();
    expect(umbrella(failure('stg'), [open('alone')])).toBeNull();
    expect(umbrella(failure(null), [open(null)])).toBeNull();
  });

  test.each([
    ['that reads the same delta', 'other', 'stg', [], 'raw'],
    ['of a model below one that fails', 'fct', 'stg', [], 'stg'],
    ['of a model above one that fails', 'stg', 'fct', [], 'stg'],
    ['of the same model', 'stg', 'stg', [], 'stg'],
    ['of a model whose source fails', 'fct', 'raw', [], 'raw'],
    ['below a model that is held, as the other is', 'fct', 'mart', ['stg'], 'stg'],
  ])('%s is added to it', (_what, relation, other, held, shares) => {
    expect(umbrella(failure(relation), [open(other)], held)).toEqual({
      dedupKey: `key of ${other}`,
      shares,
    });
  });

  test('that shares a relation which is well is alone: only what both read, or what is in trouble, counts', () => {
    expect(umbrella(failure('fct'), [open('mart')])).toBeNull();
    expect(umbrella(failure('mart'), [open('alone')])).toBeNull();
    expect(umbrella(failure('mart'), [open('alone')], ['far'])).toMatchObject({ shares: 'far' });
  });

  test('five minutes later, or louder, pages by itself', () => {
    const at = (ms: number) => failure('other', { at: new Date(NOW - 60_000 + ms) });
    expect(umbrella(at(STORM_MS), [open('stg')])).not.toBeNull();
    expect(umbrella(at(STORM_MS + 1), [open('stg')])).toBeNull();
    expect(umbrella(failure('other'), [open('stg', { severity: 'error' })])).toBeNull();
  });

  test('is added to what explains it, or to the one of which that is a member, however late', () => {
    const old = { openedAt: new Date(NOW - 86_400_000) };
    const head = open('stg', old);
    const member = open('other', { ...old, memberOf: head.dedupKey });
    const explained = failure('alone', { because: member.dedupKey });
    expect(umbrella(explained, [head, member])).toEqual({ dedupKey: head.dedupKey, shares: null });
    expect(umbrella(failure('alone', { because: 'gone' }), [head, member])).toBeNull();
  });

  test('that was a member goes back to its storm while that is open', () => {
    const head = open('stg', { openedAt: new Date(NOW - 3_600_000) });
    const again = failure('other', { wasMemberOf: head.dedupKey });
    expect(umbrella(again, [head])).toEqual({ dedupKey: head.dedupKey, shares: 'raw' });
    expect(umbrella(again, [])).toBeNull();
  });
});

const names = Object.keys(UPSTREAM);
const severity = fc.constantFrom<Severity>('critical', 'error', 'warning');
const arrival = fc.record({
  relation: fc.constantFrom(...names),
  suite: fc.constantFrom('a', 'b', 'c'),
  afterMs: fc.integer({ min: 0, max: 4 * 60_000 }),
  severity,
});

test('however failures come, each is told of once: by itself, or under one that is open, near and as loud', () => {
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 40 }), fc.subarray(names), (arrivals, held) => {
      const incidents: Open[] = [];
      let clock = NOW;
      for (const { relation, suite, afterMs, severity: loud } of arrivals) {
        clock += afterMs;
        const dedupKey = `${relation}/${suite}`;
        if (incidents.some((one) => one.dedupKey === dedupKey)) continue;
        const one = failure(relation, { dedupKey, severity: loud, at: new Date(clock) });
        const to = umbrella(one, incidents, held);
        const again = umbrella(one, incidents.toReversed(), held);
        expect(again).toEqual(to);
        if (to !== null) {
          const head = incidents.find((other) => other.dedupKey === to.dedupKey);
          expect(head?.memberOf).toBeNull();
          expect(clock - (head?.openedAt.getTime() ?? 0)).toBeLessThanOrEqual(STORM_MS);
          expect(isLouder(loud, head?.severity ?? 'info')).toBe(false);
          const shared = to.shares ?? '';
          const above = (name: string) => [...lineage.above(name), ...(READS[name] ?? [])];
          expect(above(relation)).toContain(shared);
          expect(above(head?.relation ?? '')).toContain(shared);
        }
        incidents.push(
          open(relation, {
            ...{ dedupKey, severity: loud, openedAt: new Date(clock), memberOf: to?.dedupKey ?? null },
          }),
        );
      }
    }),
  );
});
