import type { Gate } from '../../expectations/verdict.ts';

/** A model of the bench's shop. */
export interface ShopModel {
  readonly name: string;
  readonly layer: 'bronze' | 'silver' | 'gold' | 'semantic';
  readonly kind: 'source' | 'incremental' | 'full_refresh' | 'view';
  readonly schedule: 'hourly' | 'daily';
  /** What it reads: names of models before it. */
  readonly reads: readonly string[];
  /** Suites by gate; none of sources and views. */
  readonly gates: Readonly<Partial<Record<Gate, string>>>;
}

/** How many of each kind there are among 140: a chain of stores has more facts than feeds. */
const SHARES = { sources: 20, staged: 40, dimensions: 10, facts: 60, views: 10 } as const;
const OF = 140;

/**
 * A shop of so many models, in dependency order: feeds, two staged models of each, dimensions once a day, facts that join a
 * staged model with dimensions, and views over facts. Of 140, 140 gates are asked every hour and 10 every day.
 */
export function shopOf(count: number): readonly ShopModel[] {
  const many = (share: number): number => Math.max(1, Math.floor((share * count) / OF));
  const names = (prefix: string, share: number): readonly string[] =>
    Array.from({ length: many(share) }, (_, index) => `${prefix}_${String(index + 1).padStart(3, '0')}`);
  const at = (list: readonly string[], index: number): string => list[index % list.length] ?? '';
  const sources = names('raw_feed', SHARES.sources);
  const staged = names('stg_feed', SHARES.staged);
  const dimensions = names('dim_area', SHARES.dimensions);
  const facts = names('fct_trade', SHARES.facts);
  const hourly = { schedule: 'hourly', gates: {} } as const;
  return [
    ...sources.map((name): ShopModel => ({ name, layer: 'bronze', kind: 'source', reads: [], ...hourly })),
    ...staged.map((name, index): ShopModel => {
      const source = at(sources, index);
      const gates = { input: source, output: name };
      return { name, layer: 'silver', kind: 'incremental', reads: [source], schedule: 'hourly', gates };
    }),
    ...dimensions.map((name, index): ShopModel => ({
      ...{ name, layer: 'gold', kind: 'full_refresh', schedule: 'daily', gates: { output: name } },
      reads: [at(staged, index * 3)],
    })),
    ...facts.map((name, index): ShopModel => ({
      ...{ name, layer: 'gold', kind: 'incremental', schedule: 'hourly', gates: { output: name } },
      reads: [at(staged, index), at(dimensions, index), at(dimensions, index + 3)],
    })),
    ...names('area_report', SHARES.views).map((name, index): ShopModel => ({
      ...{ name, layer: 'semantic', kind: 'view', ...hourly },
      reads: [at(facts, index * 2), at(facts, index * 2 + 1)],
    })),
  ];
}
