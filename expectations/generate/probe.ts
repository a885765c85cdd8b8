import type { ExpectationType } from '../define-expectation.ts';
import { createScan } from '../scan.ts';
import type { CatalogueColumn, Category, Scan } from '../scan.ts';
import { sql } from 'kysely';

/** What asking a promise costs: `scan` joins the suite's one scan, `query` has one of its own beside it. */
export interface Cost {
  readonly scan: boolean;
  readonly query: boolean;
}

const CATEGORIES: readonly (readonly [RegExp, Category])[] = [
  [/^(smallint|integer|bigint)$/, 'whole'],
  [/^(numeric|double|real)/, 'number'],
  [/^(text|varchar|char)/, 'text'],
  [/^(date|timestamp)/, 'time'],
  [/^boolean$/, 'boolean'],
  [/^uuid$/, 'uuid'],
];

/** What the measuring SQL of a type's examples reads; null where no example can be asked of a plain table. */
export function costOf(kind: ExpectationType): Cost | null {
  const costs = kind.examples.flatMap((example) => costOfExample(kind, example) ?? []);
  if (costs.length === 0) return null;
  return { scan: costs.some(({ scan }) => scan), query: costs.some(({ query }) => query) };
}

function costOfExample(
  kind: ExpectationType,
  { columns, kwargs }: ExpectationType['examples'][number],
): Cost | null {
  const bound = kind.bind(kwargs);
  if (bound === null) return null;
  const catalogue = Object.entries(columns).map(([name, type]): [string, CatalogueColumn] => [
    name,
    { name, type, category: CATEGORIES.find(([pattern]) => pattern.test(type))?.[1] ?? 'other' },
  ]);
  const found = { scan: false, query: false };
  try {
    bound.measure(watched(createScan(sql.id('batch'), new Map(catalogue), null), found));
  } catch {
    // An example may show what cannot be asked.
    return null;
  }
  return found;
}

/** A scan that notes what is asked of it. */
function watched(scan: Scan, found: { scan: boolean; query: boolean }): Scan {
  return {
    ...scan,
    get batch() {
      found.query = true;
      return scan.batch;
    },
    relation: (name) => {
      found.query = true;
      return scan.relation(name);
    },
    count: (predicate) => {
      found.scan = true;
      return scan.count(predicate);
    },
    aggregate: (aggregate) => {
      found.scan = true;
      return scan.aggregate(aggregate);
    },
  };
}
