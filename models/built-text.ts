import type { PublishedModel } from './model.ts';

/** What `sqlHash` of a model stands for, as people read it: two of the same text have the same hash. */
export function builtText({ kind, uniqueKey, shape, sql }: PublishedModel): string {
  const touched = shape.kind === 'touched' ? shape.queries : [];
  return [
    `-- kind: ${kind}, unique_key: ${uniqueKey.join(', ')}`,
    ...touched.flatMap(({ delta, sql: query }) => [`-- touched by ${delta}:`, query, '']),
    sql,
  ].join('\n');
}
