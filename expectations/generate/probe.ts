import type { Example, ExpectationType, Surroundings } from '../define-expectation.ts';
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

function costOfExample(kind: ExpectationType, { columns, kwargs, around }: Example): Cost | null {
  const bound = kind.bind(kwargs);
  if (bound === null) return null;
  const found = { scan: false, query: false };
  try {
    const scan = createScan(sql.id('batch'), catalogueOf(columns), null);
    bound.measure(watched({ ...scan, ...beside(around) }, found));
  } catch {
    // An example may show what cannot be asked.
    return null;
  }
  return found;
}

function catalogueOf(columns: Example['columns']): ReadonlyMap<string, CatalogueColumn> {
  return new Map(
    Object.entries(columns).map(([name, type]) => [
      name,
      { name, type, category: CATEGORIES.find(([pattern]) => pattern.test(type))?.[1] ?? 'other' },
    ]),
  );
}

/** What an example has beside its batch, where it has it. */
function beside({ published }: Surroundings = {}): Partial<Scan> {
  const order = { order: () => [sql.id('order')] };
  if (published === undefined) return order;
  return {
    ...order,
    published: () => ({
      relation: ['published', 'published'],
      columns: [...catalogueOf(published.columns).values()],
      indexed: new Set(published.key),
      identity: { kind: 'key', columns: published.key },
      isCandidate: true,
    }),
  };
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
